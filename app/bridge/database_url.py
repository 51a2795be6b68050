"""Parses `DATABASE_URL`: the database, and how to connect."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode

from .other_databases import explain_scheme

# With the driver of another program: it is the same database.
_POSTGRES: Final = re.compile(r"postgres(ql)?(\+\w+)?", re.IGNORECASE)
_SQLITE: Final = frozenset({"sqlite", "sqlite3", "sqlite+aiosqlite", "sqlite+pysqlite"})
# Prisma reads a relative file from the folder of its schema, others from the working folder.
_FILE_FOLDERS: Final = ("prisma", "")
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
# Where Supabase has its transaction pooler, and what the hosts of Neon's have in their names.
_POOLER_PORT: Final = "6543"
_POOLER_HOST: Final = "-pooler."
_PLAIN_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")
_HIGHEST_PORT: Final = 65535
_TARGETS: Final = frozenset(
    {"any", "primary", "standby", "prefer-standby", "read-write", "read-only"}
)
_PRIMARY: Final = frozenset({"primary", "read-write"})
_SSL_MODES: Final = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})


class DatabaseUrlError(ValueError):
    """The URL or its SQLite file cannot be used: one line, without the password."""


@dataclass(frozen=True, slots=True)
class SqliteUrl:
    """A SQLite file. Relative paths start at the working folder."""

    path: Path


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """A PostgreSQL database: DSNs for asyncpg, and what asyncpg cannot parse.

    `dsns`: one for each host, to be tried in this order. `name` is for messages: without user,
    password and parameters. `unknown`: the names of unknown parameters. `search_path`: to be set in
    each transaction, because a transaction pooler refuses it in the DSN, and a session of its own
    there is none. `follows_primary`: it may move from one of the hosts to another.
    """

    dsns: tuple[str, ...]
    name: str
    prepared: bool
    connect_timeout: float | None = None
    system_certificates: bool = False
    unknown: tuple[str, ...] = ()
    search_path: str | None = None
    follows_primary: bool = False


def parse_database_url(url: str, *, prepared: bool | None = None) -> SqliteUrl | PostgresUrl:
    """Parses a URL. `prepared` overrides what the URL says about transaction poolers.

    Raises DatabaseUrlError.
    """
    text = url.strip().strip("\"'")
    if text.lower().startswith("file:"):
        return SqliteUrl(_find_file(text[len("file:") :]))
    scheme, separator, rest = text.partition("://")
    if separator and scheme.lower() in _SQLITE:
        return _parse_sqlite(rest)
    if separator and _POSTGRES.fullmatch(scheme):
        return _parse_postgres(rest, prepared=prepared)
    raise DatabaseUrlError(f"DATABASE_URL: {explain_scheme(scheme if separator else '')}")


def _find_file(rest: str) -> Path:
    """Returns the file of a `file:` URL, which must exist: it names another program's database."""
    name, _, query = rest.removeprefix("//").partition("?")
    _check_memory(name, query)
    if unknown := [key for key, _ in parse_qsl(query, keep_blank_values=True) if key not in _IDLE]:
        raise DatabaseUrlError(f"DATABASE_URL: remove the parameter {unknown[0]!r} of the file")
    # normpath, because Prisma reads ../dev.db from its folder even where that does not exist.
    places = dict.fromkeys(Path(os.path.normpath(Path(at, name))) for at in _FILE_FOLDERS)
    found = [place for place in places if place.is_file()]
    if len(found) == 1:
        return found[0]
    if found:
        known, other = (f"sqlite:///{place}" for place in found)
        raise DatabaseUrlError(
            f"DATABASE_URL: file:{name} is {found[0]} for Prisma and {found[1]} for others:"
            f" write {known} or {other}"
        )
    missing = " and no ".join(map(str, places))
    raise DatabaseUrlError(
        f"DATABASE_URL: there is no {missing}: write the path of the file, as in"
        f" sqlite:////srv/app/prisma/dev.db"
    )


def _parse_sqlite(rest: str) -> SqliteUrl:
    if not rest.startswith("/"):
        raise DatabaseUrlError(
            "DATABASE_URL: a SQLite URL has three slashes before the file, as in sqlite:///auth.db"
            " (four for an absolute path)"
        )
    name = rest[1:]
    path, asked, query = name.partition("?")
    _check_memory(path, query)
    if asked:
        raise DatabaseUrlError("DATABASE_URL: a SQLite URL has no parameters: remove them")
    return SqliteUrl(Path(path))


def _check_memory(name: str, query: str) -> None:
    if name in ("", ":memory:") or "mode=memory" in query:
        raise DatabaseUrlError(
            "DATABASE_URL: a SQLite database in memory is not offered; name a file,"
            " as in sqlite:///auth.db"
        )


def _parse_postgres(rest: str, *, prepared: bool | None) -> PostgresUrl:
    userinfo, hosts, database, query_string = _split(rest)
    user, _, password = userinfo.partition(":")
    query = dict(parse_qsl(query_string, keep_blank_values=True))
    values = {"user": unquote(user), "password": unquote(password), "dbname": unquote(database)}
    values |= _parse_hosts(hosts)
    values |= {key: value for key, value in query.items() if key in _KEPT}
    values |= _translate(query)
    _check_ports(values["port"])
    _choose_target(values)
    _check_tls(query, values)
    is_verified = values.get("sslmode", "") in ("verify-ca", "verify-full")
    system = is_verified and values.get("sslrootcert", "system") == "system"
    if system:
        values = {key: value for key, value in values.items() if not key.startswith("sslroot")}
    prepared = _is_prepared(query, values) if prepared is None else prepared
    search_path = None if prepared else values.pop("search_path", None)
    return PostgresUrl(
        dsns=tuple(_write_dsn(values | host) for host in _split_hosts(values)),
        name=_describe(values),
        prepared=prepared,
        connect_timeout=_read_seconds(query.get("connect_timeout")),
        system_certificates=system,
        unknown=tuple(name for name in query if name not in _KEPT | _DROPPED_TLS | _IDLE),
        search_path=search_path,
        follows_primary="," in values["host"] and values["target_session_attrs"] in _PRIMARY,
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
            "DATABASE_URL: the part after ? cannot be read; write name=value, separated by &"
        )
    raise DatabaseUrlError(
        "DATABASE_URL: this PostgreSQL URL can't be read; write"
        " postgresql://user:password@host:5432/database and percent-encode characters such as /"
        " and #"
        " in the password"
    )


def _parse_hosts(hosts: str) -> dict[str, str]:
    """Returns host and port. asyncpg accepts the folder of a socket only as a parameter."""
    found = re.findall(r"(\[[^]]*\]|[^:,]*)(?::(\d+))?(?:,|$)", hosts)[: hosts.count(",") + 1]
    names = ",".join(unquote(name) for name, _ in found)
    ports = [port for _, port in found]
    return {"host": names, "port": ",".join(port or "5432" for port in ports) if any(ports) else ""}


def _split_hosts(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Returns host and port of each server. Raises DatabaseUrlError."""
    hosts, ports = values["host"].split(","), values["port"].split(",")
    if values.get("target_session_attrs") == "prefer-standby":
        return [{}]  # asyncpg has to look at all of them
    if len(ports) not in (1, len(hosts)):
        raise DatabaseUrlError(
            f"DATABASE_URL: {len(hosts)} hosts have {len(ports)} ports: give each host its port"
        )
    ports = ports * len(hosts) if len(ports) == 1 else ports
    return [{"host": host, "port": port} for host, port in zip(hosts, ports, strict=True)]


def _choose_target(values: dict[str, str]) -> None:
    """Sets what the server must be. Of several hosts it is the one that accepts writes."""
    if "," in values["host"]:
        values.setdefault("target_session_attrs", "read-write")
    if values.get("target_session_attrs", "any") not in _TARGETS:
        raise DatabaseUrlError(
            f"DATABASE_URL: target_session_attrs is one of {', '.join(sorted(_TARGETS))}"
        )


def _write_dsn(values: Mapping[str, str]) -> str:
    return "postgresql://?" + urlencode({key: value for key, value in values.items() if value})


def _translate(query: Mapping[str, str]) -> dict[str, str]:
    """Translates parameters of Prisma, node-postgres and JDBC to libpq. Drops others."""
    words = {}
    if path := query.get("currentSchema"):
        words["search_path"] = path
    if schema := query.get("schema"):  # one name, as it is
        words["search_path"] = _quote(schema)
    if query.get("ssl", "").lower() in ("true", "1", "require") and "sslmode" not in query:
        words["sslmode"] = "require"
    if query.get("sslmode") == "no-verify":
        words["sslmode"] = "require"
    return words


def _check_ports(ports: str) -> None:
    """Checks the ports. The driver's message would not name the setting."""
    for port in filter(None, ports.split(",")):
        if not port.isdecimal() or int(port) > _HIGHEST_PORT:
            raise DatabaseUrlError(
                f"DATABASE_URL: {port!r} is not a port; the highest is {_HIGHEST_PORT}"
            )


def _check_tls(query: Mapping[str, str], values: Mapping[str, str]) -> None:
    """Checks `sslmode`: a misspelled one must not open an unencrypted connection."""
    if values.get("sslmode", "prefer") not in _SSL_MODES:
        modes = ", ".join(sorted(_SSL_MODES))
        raise DatabaseUrlError(f"DATABASE_URL: sslmode is one of {modes} or no-verify")
    for key in query:
        if key.startswith("ssl") and key not in _KEPT | _DROPPED_TLS:
            raise DatabaseUrlError(f"DATABASE_URL: parameter {key!r} is not understood")


def _quote(name: str) -> str:
    """Quotes a name with capitals or signs. An unquoted one is read in lower case."""
    return name if _PLAIN_NAME.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def _is_prepared(query: Mapping[str, str], values: Mapping[str, str]) -> bool:
    cached = query.get("statement_cache_size", query.get("prepared_statement_cache_size"))
    is_pooler = _POOLER_PORT in values["port"].split(",") or _POOLER_HOST in values["host"]
    return query.get("pgbouncer") != "true" and cached != "0" and not is_pooler


def _read_seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() and int(text) else None


def _describe(values: Mapping[str, str]) -> str:
    hosts = zip_longest(values["host"].split(","), values["port"].split(","), fillvalue="")
    named = ((host or "localhost", f":{port}" if port else "") for host, port in hosts)
    where = ",".join(host + port for host, port in named)
    database = values.get("database") or values["dbname"] or "of the user's name"
    return f"PostgreSQL at {where}, database {database}"
