"""Parses the `REDIS_URL` of a server that Sentinel chooses."""

from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from msgspec import Struct

_SCHEMES = {"redis+sentinel": "redis", "rediss+sentinel": "rediss"}
_PORT = 26379
_OWN = ("sentinel_username", "sentinel_password")


class SentinelUrl(Struct, frozen=True):
    """Several Sentinels, and the name under which they know the server.

    `server_url` has what connects to that server: TLS, user, password, database and parameters.
    Its host is that of a Sentinel. `username` and `password` are for the Sentinels.
    """

    sentinels: tuple[tuple[str, int], ...]
    service: str
    server_url: str
    username: str | None = None
    password: str | None = None


def parse_sentinel_url(url: str) -> SentinelUrl | None:
    """Parses `redis+sentinel://user:password@host:port,host:port/service/database`.

    Returns None for another scheme. Raises ValueError.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in _SCHEMES:
        return None
    split = urlsplit(f"//{rest}")
    credentials, at, hosts = split.netloc.rpartition("@")
    sentinels = tuple(_parse_host(host) for host in hosts.split(","))
    service, _, database = split.path.removeprefix("/").partition("/")
    if not service or split.fragment:
        raise ValueError("no service")
    query = parse_qsl(split.query, keep_blank_values=True)
    own = {name: value for name, value in query if name in _OWN}
    others = urlencode([(name, value) for name, value in query if name not in _OWN])
    host, port = sentinels[0]
    written = f"[{host}]" if ":" in host else quote(host)
    return SentinelUrl(
        sentinels,
        unquote(service),
        f"{_SCHEMES[scheme]}://{credentials}{at}{written}:{port}/{database}?{others}".rstrip("?"),
        *(own.get(name) for name in _OWN),
    )


def _parse_host(text: str) -> tuple[str, int]:
    found = urlsplit(f"//{text}")
    if not found.hostname or found.port == 0:
        raise ValueError("no host")
    return found.hostname, found.port or _PORT
