"""Reads a Better Auth database (SQLite, PostgreSQL). Needs SQLAlchemy and a driver."""

import sqlite3
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import quote

import asyncpg
from sqlalchemy import URL, Executable, Row, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from .database_url import PostgresUrl, SqliteUrl, parse_database_url
from .per_loop import PerLoop
from .poolers import suggest_pooler_setting
from .postgres_engine import (
    create_postgres_engine,
    create_system_tls,
    open_connection,
    set_autocommit,
)
from .postgres_hosts import Connection

AnyRow = Row[*tuple[Any, ...]]
Dialect = Literal["sqlite", "postgresql"]

_CONNECTIONS: Final = 5
_CONNECT_SECONDS: Final = 5.0
_STATEMENT_SECONDS: Final = 5.0
_QUEUE_SECONDS: Final = 5
# Of PostgreSQL's appendix A: no such table, no such column.
_NO_SUCH: Final = ("42P01", "42703")
_FILE: Final = "file"
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


class Unreadable(Exception):
    """Nothing was read. The message says why, without parameter values."""

    def __init__(self, reason: str, *, lacks_table: bool) -> None:
        super().__init__(reason)
        self.lacks_table = lacks_table
        """The database answers, and is none of Better Auth's."""


class Reader:
    """Read connections, opened at the first use. Raises ValueError for an invalid URL.

    `prepared=False` is for PostgreSQL behind a transaction pooler.
    """

    def __init__(self, url: str, *, prepared: bool | None = None) -> None:
        found = parse_database_url(url, prepared=prepared)
        self.dialect: Dialect = "sqlite" if isinstance(found, SqliteUrl) else "postgresql"
        # Reading the certificates takes time, which the event loop should not spend.
        tls = create_system_tls(found) if isinstance(found, PostgresUrl) else None
        self._engines = PerLoop(
            lambda: (
                _create_sqlite(found.path)
                if isinstance(found, SqliteUrl)
                else _create_postgres(found, tls)
            )
        )

    async def fetch_first(
        self, statement: Executable, parameters: Mapping[str, object]
    ) -> AnyRow | None:
        """Returns the first row. Raises Unreadable."""
        rows = await self.fetch_all(statement, parameters)
        return rows[0] if rows else None

    async def fetch_all(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        """Returns all rows. Raises Unreadable."""
        try:
            return await self._fetch_with_retry(statement, parameters)
        except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            cause = _get_cause(error)
            raise Unreadable(_describe(cause), lacks_table=_is_table_missing(cause)) from None

    async def close(self) -> None:
        """Closes the connections."""
        engine = self._engines.release()
        if engine is not None:
            await engine.dispose()

    async def _fetch_with_retry(
        self, statement: Executable, parameters: Mapping[str, object]
    ) -> Sequence[AnyRow]:
        engine = self._engines.get()
        try:
            return await _ask(engine, statement, parameters)
        except (DBAPIError, ConnectionError) as error:
            if isinstance(error, DBAPIError) and not _is_stale(error):
                raise
        # The connection, or what it had prepared, was of before a restart or a migration.
        return await _ask(engine, statement, parameters)


async def _ask(
    engine: AsyncEngine, statement: Executable, parameters: Mapping[str, object]
) -> Sequence[AnyRow]:
    async with engine.connect() as connection:
        return (await connection.execute(statement, parameters)).all()


def _is_stale(error: DBAPIError) -> bool:
    cached = type(error.orig).__name__ == "InvalidCachedStatementError"
    return error.connection_invalidated or cached


def _create_sqlite(path: Path) -> AsyncEngine:
    # Without "c" a file that is not there is an error, never a fresh empty database.
    name = f"file:{quote(str(path.absolute()))}?mode=rw"
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=name, query={"uri": "true"}),
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": _STATEMENT_SECONDS},
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_QUEUE_SECONDS,
        hide_parameters=True,
    )

    def check_file(*_: object) -> None:
        # A missing file is an error before a thread starts, and the error has the whole path.
        path.absolute().stat()

    def note_identity(_: object, entry: ConnectionPoolEntry) -> None:
        entry.info[_FILE] = _find_identity(path)

    def check_identity(_: object, entry: ConnectionPoolEntry, __: PoolProxiedConnection) -> None:
        # A connection stays with the file that it opened, though another took its place since.
        if entry.info[_FILE] != _find_identity(path):
            raise DisconnectionError

    event.listen(engine.sync_engine, "do_connect", check_file)
    event.listen(engine.sync_engine, "connect", note_identity)
    event.listen(engine.sync_engine, "checkout", check_identity)
    return engine


def _find_identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _create_postgres(url: PostgresUrl, tls: ssl.SSLContext | None) -> AsyncEngine:
    async def connect() -> Connection:
        return await open_connection(
            url,
            connect_seconds=_CONNECT_SECONDS,
            statement_seconds=_STATEMENT_SECONDS,
            tls=tls,
        )

    engine = create_postgres_engine(url, connect, size=_CONNECTIONS, queue_seconds=_QUEUE_SECONDS)
    return set_autocommit(engine, url)


def _get_cause(error: BaseException) -> BaseException:
    """Returns the driver's error without its wrappers."""
    orig = error.orig if isinstance(error, DBAPIError) else None
    return orig.__cause__ or orig if orig is not None else error


def _describe(cause: BaseException) -> str:
    """Returns the first line of the message. Later lines are hints, and may contain values."""
    state = getattr(cause, "sqlstate", None)
    # A data exception quotes the value.
    quotes = isinstance(state, str) and state.startswith("22")
    plain = OSError | sqlite3.Error | asyncpg.ClientConfigurationError
    is_harmless = isinstance(cause, plain) or (isinstance(state, str) and not quotes)
    line = next(iter(str(cause).splitlines()), "") if is_harmless else ""
    return (line or type(cause).__name__) + suggest_pooler_setting(state, line)


def _is_table_missing(cause: BaseException) -> bool:
    return getattr(cause, "sqlstate", "") in _NO_SUCH or str(cause).startswith("no such")
