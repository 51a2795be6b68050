"""The settings of the bridge, read from the variables of the service."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, cast
from urllib.parse import SplitResult, urlsplit

from .environment import Environment
from .origins import trusts_everybody
from .placeholders import is_placeholder
from .table_names import NameOptions, format_table_variable

Mode = Literal["hs256", "jwks", "cookie", "bearer", "remote"]

MODES: Final[tuple[Mode, ...]] = ("hs256", "jwks", "cookie", "bearer", "remote")
_WITH_KEY_PAIR: Final = ("EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256")
_BY_SESSION: Final = ("cookie", "bearer")
_SHORTEST_SECRET: Final = 32
_MEND: Final = "give this API the one of the Better Auth service"


class SettingsError(Exception):
    """The settings are invalid: `lines` has one line for each fault, with the remedy."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The mode, and what it needs. A token or cookie never chooses the mode.

    `hs256` and `jwks` verify access tokens, `cookie` and `bearer` read the session in the database,
    `remote` asks the service. The last three do not need the `jwt` plugin.
    """

    mode: Mode = "hs256"
    secrets: str | tuple[str, ...] = field(default=(), repr=False)
    """What signs the tokens, or for `cookie` and `bearer` the cookies; any of them verifies."""
    issuer: str | None = None
    """What `iss` must be; None does not ask, which only `hs256` allows."""
    audience: str | tuple[str, ...] = ()
    jwks_url: str | None = None
    session_url: str | None = None
    """The whole URL of `/get-session`."""
    database_url: str | None = field(default=None, repr=False)
    database_prepared: bool | None = None
    """False behind a transaction pooler."""
    names: NameOptions = field(default_factory=NameOptions, hash=False)
    """`modelName` and `fields` of user, session and account; others are found by their columns."""
    sessions_in_database: bool = True
    """False where the service keeps sessions in Redis alone."""
    cookie_name: str = "better-auth.session_token"
    """As the service calls it, without `__Secure-`."""
    secure_cookies: bool | None = None
    """Whether it has the prefix `__Secure-`; None takes either."""
    trusted_origins: tuple[str, ...] | None = None
    """Whose pages may call with a cookie, as in `trustedOrigins`; None does not ask."""
    require_signature: bool = False
    """Whether `bearer` refuses a session token without its signature."""
    second_factors: bool = False
    """Whether the service has the plugin `two-factor` on: its sessions have passed one."""
    live: bool = False
    """Whether a token counts only while the session that it came from is alive."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Returns the settings of this process. Raises SettingsError with all faults."""
        environment = Environment(environ)
        found = _read_settings(environment)
        faults = (*environment.faults, *(() if environment.faults else find_faults(found)))
        if faults:
            raise SettingsError(*dict.fromkeys(faults))
        return found

    @property
    def by_token(self) -> bool:
        """Whether callers send an access token, which is valid independently of its session."""
        return self.mode in {"hs256", "jwks"}

    @property
    def by_cookie(self) -> bool:
        """Whether callers use a cookie, which browsers send with requests of any page."""
        return self.mode in {"cookie", "remote"}


def find_faults(settings: Settings) -> Iterator[str]:
    """Returns one line for each missing or invalid setting, with the remedy."""
    if settings.mode not in MODES:  # from code that no type checker reads
        yield f"the mode must be one of {', '.join(MODES)}"
    if settings.mode == "hs256" or settings.mode in _BY_SESSION:
        yield from _find_secret_faults(to_tuple(settings.secrets))
    if settings.mode == "jwks":
        yield from _find_key_faults(settings)
    if settings.mode == "remote":
        yield from _find_url_faults("BETTER_AUTH_BRIDGE_SESSION_URL", settings.session_url)
    if settings.by_cookie:
        yield from _find_origin_faults(settings.trusted_origins or ())
    if settings.mode in _BY_SESSION:
        yield from _find_database_faults(settings, f"BETTER_AUTH_BRIDGE_MODE={settings.mode}")
    elif settings.live:
        yield from find_liveness_faults(settings, "BETTER_AUTH_BRIDGE_LIVE")


def find_liveness_faults(settings: Settings, feature: str) -> Iterator[str]:
    """Returns why the session check that `feature` requires is impossible."""
    if settings.mode == "jwks":
        yield (
            f"{feature} can't work: tokens that are signed with a key pair contain no session id,"
            f" so use"
            " BETTER_AUTH_BRIDGE_MODE=cookie, bearer or remote"
        )
    elif settings.mode == "hs256":
        yield from _find_database_faults(settings, feature)


def _find_origin_faults(origins: tuple[str, ...]) -> Iterator[str]:
    for origin in filter(trusts_everybody, origins):
        yield (
            f"BETTER_AUTH_TRUSTED_ORIGINS: {origin!r} lets every site call with the cookies of your"
            " users: name the hosts, such as https://*.example.com"
        )


def _find_database_faults(settings: Settings, feature: str) -> Iterator[str]:
    if settings.database_url is None:
        yield f"{feature} needs DATABASE_URL, the database in which the service keeps its sessions"
    elif not settings.sessions_in_database:
        yield (
            f"{feature} can't work: REDIS_URL says that sessions are in Redis alone, so set"
            " BETTER_AUTH_SESSION_STORE_SESSION_IN_DATABASE=true at the service and here, or"
            " ask the service with BETTER_AUTH_BRIDGE_MODE=remote"
        )


def to_tuple(names: str | tuple[str, ...]) -> tuple[str, ...]:
    """Returns a tuple of one or several values."""
    return (names,) if isinstance(names, str) else names


def _find_secret_faults(secrets: tuple[str, ...]) -> Iterator[str]:
    if not secrets:
        yield (
            f"BETTER_AUTH_SECRET is missing: {_MEND} (uvicorn reads a .env with --env-file .env,"
            " which needs python-dotenv)"
        )
    for number, secret in enumerate(secrets, 1):
        if weakness := _find_weakness(secret):
            which = "the secret" if len(secrets) == 1 else f"secret {number} of {len(secrets)}"
            yield f"{which} {weakness}: {_MEND}, in BETTER_AUTH_SECRET, _SECRETS or _JWT_SECRET"


def _find_weakness(secret: str) -> str | None:
    if secret != secret.strip():
        return "begins or ends with a blank or a line break"
    if len(secret) > 1 and secret[0] == secret[-1] and secret[0] in "'\"":
        return "has quotes around it, which are part of the value"
    if len(secret.encode(errors="replace")) < _SHORTEST_SECRET:
        return f"is shorter than {_SHORTEST_SECRET} characters"
    if is_placeholder(secret):
        return "is a publicly known placeholder"
    return None


def _find_key_faults(settings: Settings) -> Iterator[str]:
    yield from _find_url_faults("BETTER_AUTH_BRIDGE_JWKS_URL", settings.jwks_url)
    if not settings.issuer or not settings.audience:
        yield (
            "the mode jwks needs BETTER_AUTH_URL (its origin is the issuer and the audience of"
            " the tokens), or BETTER_AUTH_JWT_ISSUER and BETTER_AUTH_JWT_AUDIENCE"
        )


def _find_url_faults(name: str, url: str | None) -> Iterator[str]:
    if url is None:
        yield f"{name} is missing: set BETTER_AUTH_URL, or {name}"
    elif _split(url) is None:
        yield f"{name} must begin with http:// or https:// and a host"


def _read_settings(environment: Environment) -> Settings:
    alg = environment.read_choice("BETTER_AUTH_JWT_ALG", ("HS256", *_WITH_KEY_PAIR))
    chosen = environment.read_choice("BETTER_AUTH_BRIDGE_MODE", MODES)
    mode = cast("Mode", chosen or ("jwks" if alg in _WITH_KEY_PAIR else "hs256"))
    url = _read_base_url(environment)
    origin = None if url is None else _format_origin(url)
    audience = environment.read_list("BETTER_AUTH_JWT_AUDIENCE")
    in_database = environment.read_switch("BETTER_AUTH_SESSION_STORE_SESSION_IN_DATABASE")
    jwks_path = environment.read_text("BETTER_AUTH_JWT_JWKS_JWKS_PATH") or "/jwks"
    return Settings(
        mode=mode,
        secrets=_read_secrets(environment, mode),
        issuer=environment.read_text("BETTER_AUTH_JWT_ISSUER") or origin,
        audience=audience or ((origin,) if mode == "jwks" and origin else ()),
        jwks_url=environment.read_text("BETTER_AUTH_BRIDGE_JWKS_URL")
        or _build_url(environment, url, jwks_path),
        session_url=environment.read_text("BETTER_AUTH_BRIDGE_SESSION_URL")
        or _build_url(environment, url, "/get-session"),
        database_url=environment.read_secret("DATABASE_URL"),
        database_prepared=environment.read_switch("DATABASE_PREPARED"),
        names=_read_names(environment),
        sessions_in_database=environment.read_text("REDIS_URL") is None or bool(in_database),
        cookie_name=_read_cookie_name(environment),
        secure_cookies=_read_secure_cookies(environment, url),
        trusted_origins=_read_trusted_origins(environment, origin),
        require_signature=bool(environment.read_switch("BETTER_AUTH_BEARER_REQUIRE_SIGNATURE")),
        second_factors="two-factor" in environment.read_list("BETTER_AUTH_PLUGINS"),
        live=bool(environment.read_switch("BETTER_AUTH_BRIDGE_LIVE")),
    )


def _read_names(environment: Environment) -> NameOptions:
    variables = {table: format_table_variable(table) for table in ("user", "session", "account")}
    names = {
        table: environment.read_text(f"{variable}_MODEL_NAME")
        for table, variable in variables.items()
    }
    fields = {
        table: environment.read_names(f"{variable}_FIELDS") for table, variable in variables.items()
    }
    return NameOptions(
        {table: name for table, name in names.items() if name},
        {table: columns for table, columns in fields.items() if columns},
    )


def _read_secrets(environment: Environment, mode: Mode) -> tuple[str, ...]:
    """Returns the secrets. Tokens may have their own secret, cookies never."""
    versions = environment.read_versions("BETTER_AUTH_SECRETS")
    plain, own = (
        environment.read_secret("BETTER_AUTH_SECRET"),
        environment.read_secret("BETTER_AUTH_JWT_SECRET"),
    )
    shared = versions or ((plain,) if plain else ())
    return (own,) if own and mode not in _BY_SESSION else shared


def _read_cookie_name(environment: Environment) -> str:
    """Returns the cookie name. A name in `advanced.cookies` has no prefix."""
    prefix = environment.read_text("BETTER_AUTH_ADVANCED_COOKIE_PREFIX") or "better-auth"
    own = environment.read_member("BETTER_AUTH_ADVANCED_COOKIES", "session_token", "name")
    return own or f"{prefix}.session_token"


def _read_trusted_origins(environment: Environment, own: str | None) -> tuple[str, ...] | None:
    """Returns the trusted origins, always with the origin of the service."""
    origins = (
        *(() if own is None else (own,)),
        *environment.read_list("BETTER_AUTH_TRUSTED_ORIGINS"),
    )
    return origins or None


def _read_secure_cookies(environment: Environment, url: SplitResult | None) -> bool | None:
    chosen = environment.read_switch("BETTER_AUTH_ADVANCED_USE_SECURE_COOKIES")
    return url.scheme == "https" if chosen is None and url is not None else chosen


def _read_base_url(environment: Environment) -> SplitResult | None:
    text = environment.read_text("BETTER_AUTH_URL")
    found = None if text is None else _split(text)
    if text is not None and found is None:
        environment.faults.append("BETTER_AUTH_URL must begin with http:// or https:// and a host")
    return found


def _split(url: str) -> SplitResult | None:
    try:
        found = urlsplit(url)
        usable = found.scheme in {"http", "https"} and found.hostname and found.port != 0
    except ValueError:
        return None
    return found if usable else None


def _format_origin(url: SplitResult) -> str:
    """Returns the origin as the service writes it into `iss` (RFC 6454)."""
    host = (url.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[url.scheme]
    return f"{url.scheme}://{host}{'' if url.port in (None, default) else f':{url.port}'}"


def _build_url(environment: Environment, url: SplitResult | None, path: str) -> str | None:
    """Returns the URL of an endpoint. A path in the base URL replaces the base path."""
    if url is None:
        return None
    base = (environment.read_text("BETTER_AUTH_BASE_PATH") or "/api/auth").strip("/")
    return f"{_format_origin(url)}/{url.path.strip('/') or base}{path}"
