"""Checks `REDIS_URL`. Messages never contain the password."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from ..models.sentinel_url import parse_sentinel_url

_UNDERSTOOD: Final = "redis://user:password@host:6379/0, rediss://… for TLS or unix:///path?db=0"
_SENTINEL: Final = "redis+sentinel://user:password@host:26379,host:26379/service/0"
# Parameters of redis-py that are safe in a URL.
_PARAMETERS: Final = frozenset(
    {
        *("db", "username", "password", "client_name"),
        *("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_password"),
        *("ssl_cert_reqs", "ssl_check_hostname"),
    }
)


def find_redis_url_fault(url: str) -> str | None:
    """Returns what is wrong, or None for a valid URL."""
    try:
        sentinel = parse_sentinel_url(url)
    except ValueError:
        return (
            f"names no Sentinel and its service: write {_SENTINEL}, or rediss+sentinel://… for TLS"
        )
    return _find_fault(url if sentinel is None else sentinel.server_url)


def _find_fault(url: str) -> str | None:
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        return f"is not a URL: write {_UNDERSTOOD}"
    if split.scheme not in {"redis", "rediss", "unix"} or not url.isprintable():
        return f"is not understood: write {_UNDERSTOOD}"
    if port == 0 or not _has_place(split):
        return f"contains no server: write {_UNDERSTOOD}"
    query = parse_qsl(split.query, keep_blank_values=True)
    names = [name for name, _ in query]
    return _find_parameter_fault(names, split.scheme) or _find_number_fault(split, dict(query))


def _has_place(split: SplitResult) -> bool:
    if split.scheme == "unix":
        return split.path not in ("", "/") and not split.hostname
    return bool(split.hostname) and not split.fragment


def _find_parameter_fault(names: Sequence[str], scheme: str) -> str | None:
    of_tls = next((name for name in names if name.startswith("ssl_")), None)
    if of_tls is not None and scheme != "rediss":
        return f"has the parameter {of_tls!r}, which is for TLS: write rediss in place of redis"
    unknown = next((name for name in names if name not in _PARAMETERS), None)
    return None if unknown is None else f"has the parameter {unknown!r}, which is not offered"


def _find_number_fault(split: SplitResult, query: dict[str, str]) -> str | None:
    path = "" if split.scheme == "unix" else split.path.strip("/")
    wrong = [text for text in (path, query.get("db", "")) if text and not text.isdecimal()]
    return "must name the database by its number, as in redis://host:6379/0" if wrong else None
