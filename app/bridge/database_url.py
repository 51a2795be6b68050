"""Parses `DATABASE_URL`: the database, and how to connect."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode

_UNDERSTOOD: Final = "sqlite:///file.db or postgresql://user:password@host/database"
_POSTGRES: Final = frozenset({"postgres", "postgresql", "postgresql+asyncpg"})
_SQLITE: Final = frozenset({"sqlite", "sqlite+aiosqlite"})
_HOST = r"(?:[\w.~%-]*|\[[0-9A-Fa-f:.%]+\])(?::\d+)?"
_AFTER_USER = re.compile(rf"({_HOST}(?:,{_HOST})*)(?:/([^/?@#]*))?(?:\?((?:[^=&]+=[^&]*&?)*))?")
# What asyncpg understands; it would send anything else to the server, which refuses it.
_KEPT: Final = frozenset(
    {
        *("host", "port", "user", "password", "dbname", "database", "passfile", "service"),
        *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword"),
        *("sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version"),
        *("target_session_attrs", "krbsrvname", "gsslib"),
        *("application_name", "options", "search_path", "timezone", "lock_timeout"),
        *("statement_timeout", "idle_in_transaction_session_timeout"),
    }
)
_DROPPED_TLS: Final = frozenset(
    {"ssl", "sslaccept", "sslidentity", "sslcompression", "sslcertmode", "sslsni"}
)
# What other drivers and providers put there, which has no meaning for this one.
_IDLE: Final = frozenset(
    {
        *("schema", "currentSchema", "connect_timeout", "pgbouncer", "supa", "workaround"),
        *("statement_cache_size", "prepared_statement_cache_size", "connection_limit"),
        *("pool_timeout", "pool_max_conns", "max_idle_connection_lifetime", "socket_timeout"),
        *("channel_binding", "gssencmode", "require_auth", "uselibpqcompat", "client_encoding"),
        *("fallback_application_name", "hostaddr", "tcp_user_timeout", "load_balance_hosts"),
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
    }
)
_HIGHEST_PORT: Final = 65535
_SSL_MODES: Final = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})


class DatabaseUrlError(ValueError):
    """The URL or its SQLite file cannot be used: one line, without the password."""


@dataclass(frozen=True, slots=True)
class SqliteUrl:
    """A SQLite file. Relative paths start at the working folder."""

    path: Path


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """A PostgreSQL database: a DSN for asyncpg, and what asyncpg cannot parse.

    `name` is for messages: without user, password and parameters. `unknown`: the names of unknown
    parameters.
    """

    dsn: str
    name: str
    prepared: bool
    connect_timeout: float | None = None
    system_certificates: bool = False
    unknown: tuple[str, ...] = ()


def parse_database_url(url: str, *, prepared: bool | None = None) -> SqliteUrl | PostgresUrl:
    """Parses a URL. `prepared` overrides what the URL says about transaction poolers.

    Raises DatabaseUrlError.
    """
    scheme, separator, rest = url.strip().strip("\"'").partition("://")
    if separator and scheme.lower() in _SQLITE:
        return _sqlite(rest)
    if separator and scheme.lower() in _POSTGRES:
        return _postgres(rest, prepared=prepared)
    named = f"{scheme!r} databases are" if separator and scheme.isidentifier() else "this is"
    raise DatabaseUrlError(f"DATABASE_URL: {named} not understood; write {_UNDERSTOOD}")


def _sqlite(rest: str) -> SqliteUrl:
    if not rest.startswith("/"):
        raise DatabaseUrlError(
            "DATABASE_URL: a SQLite URL has three slashes before the file, as in sqlite:///auth.db"
            " (four for an absolute path)"
        )
    name = rest[1:]
    if name.split("?")[0] in ("", ":memory:") or "mode=memory" in name:
        raise DatabaseUrlError(
            "DATABASE_URL: a SQLite database in memory is not offered; name a file,"
            " as in sqlite:///auth.db"
        )
    if "?" in name:
        raise DatabaseUrlError("DATABASE_URL: a SQLite URL takes no parameters; end it at the file")
    return SqliteUrl(Path(name))


def _postgres(rest: str, *, prepared: bool | None) -> PostgresUrl:
    userinfo, hosts, database, query = _split(rest)
    user, _, password = userinfo.partition(":")
    given = dict(parse_qsl(query, keep_blank_values=True))
    parts = {"user": unquote(user), "password": unquote(password), "dbname": unquote(database)}
    parts |= _hosts(hosts)
    parts |= {key: value for key, value in given.items() if key in _KEPT}
    parts |= _translated(given)
    _check_ports(parts["port"])
    _check_tls(given, parts)
    wanted = parts.get("sslmode", "") in ("verify-ca", "verify-full")
    system = wanted and parts.get("sslrootcert", "system") == "system"
    if system:
        parts = {key: value for key, value in parts.items() if not key.startswith("sslroot")}
    return PostgresUrl(
        dsn="postgresql://?" + urlencode({key: value for key, value in parts.items() if value}),
        name=_name(parts),
        prepared=_is_prepared(given) if prepared is None else prepared,
        connect_timeout=_seconds(given.get("connect_timeout")),
        system_certificates=system,
        unknown=tuple(name for name in given if name not in _KEPT | _DROPPED_TLS | _IDLE),
    )


def _split(rest: str) -> tuple[str, str, str, str]:
    """Splits at the first `@` with a valid rest, so a password may contain any character."""
    starts = [0, *(at.end() for at in re.finditer("@", rest))]
    for start in starts[1:] + starts[:1]:
        if match := _AFTER_USER.fullmatch(rest, start):
            hosts, database, query = match.groups()
            return rest[: max(start - 1, 0)], hosts, database or "", query or ""
    before, asked, _ = rest.rpartition("?")
    if asked and _AFTER_USER.fullmatch(before, before.rfind("@") + 1):
        raise DatabaseUrlError(
            "DATABASE_URL: what follows the ? can't be read; write name=value, with & between"
        )
    raise DatabaseUrlError(
        "DATABASE_URL: this PostgreSQL URL can't be read; write"
        " postgresql://user:password@host:5432/database and percent-encode signs such as / and #"
        " in the password"
    )


def _hosts(hosts: str) -> dict[str, str]:
    """Returns host and port. asyncpg accepts the folder of a socket only as a parameter."""
    found = re.findall(r"(\[[^]]*\]|[^:,]*)(?::(\d+))?(?:,|$)", hosts)[: hosts.count(",") + 1]
    names = ",".join(unquote(name) for name, _ in found)
    ports = [port for _, port in found]
    return {"host": names, "port": ",".join(port or "5432" for port in ports) if any(ports) else ""}


def _translated(given: Mapping[str, str]) -> dict[str, str]:
    """Translates parameters of Prisma, node-postgres and JDBC to libpq. Drops others."""
    words = {}
    if schema := given.get("schema") or given.get("currentSchema"):
        words["search_path"] = schema
    if given.get("ssl", "").lower() in ("true", "1", "require") and "sslmode" not in given:
        words["sslmode"] = "require"
    if given.get("sslmode") == "no-verify":
        words["sslmode"] = "require"
    return words


def _check_ports(ports: str) -> None:
    """Checks the ports. The driver's message would not name the setting."""
    for port in filter(None, ports.split(",")):
        if not port.isdecimal() or int(port) > _HIGHEST_PORT:
            raise DatabaseUrlError(
                f"DATABASE_URL: {port!r} is no port; they end at {_HIGHEST_PORT}"
            )


def _check_tls(given: Mapping[str, str], parts: Mapping[str, str]) -> None:
    """Checks `sslmode`: a misspelled one must not open an unencrypted connection."""
    if parts.get("sslmode", "prefer") not in _SSL_MODES:
        modes = ", ".join(sorted(_SSL_MODES))
        raise DatabaseUrlError(f"DATABASE_URL: sslmode is one of {modes} or no-verify")
    for key in given:
        if key.startswith("ssl") and key not in _KEPT | _DROPPED_TLS:
            raise DatabaseUrlError(f"DATABASE_URL: parameter {key!r} is not understood")


def _is_prepared(given: Mapping[str, str]) -> bool:
    cached = given.get("statement_cache_size", given.get("prepared_statement_cache_size"))
    return given.get("pgbouncer") != "true" and cached != "0"


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() and int(text) else None


def _name(parts: Mapping[str, str]) -> str:
    host, port = parts["host"] or "localhost", parts["port"]
    database = parts.get("database") or parts["dbname"] or "of the user's name"
    where = f"{host}:{port}" if port and "," not in host else host
    return f"PostgreSQL at {where}, database {database}"
