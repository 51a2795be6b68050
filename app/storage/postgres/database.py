"""PostgreSQL with pooled asyncpg connections. Reads run without a transaction."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Final, Literal

import asyncpg
from sqlalchemy import Executable, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ...bridge.database_url import PostgresUrl
from ...bridge.poolers import LOST_STATEMENT
from ...bridge.postgres_engine import (
    Connection,
    create_postgres_engine,
    create_system_tls,
    open_connection,
    set_autocommit,
)
from ...models.errors import StoreUnavailable
from ..compiled import AnyRow
from ..outage import Outage
from .reads import HotReads

CONNECT_SECONDS: Final = 5.0
STATEMENT_SECONDS: Final = 15.0
QUEUE_SECONDS: Final = 5
CONNECTIONS: Final = 10
SEARCHERS: Final = 4
SEARCH_SECONDS: Final = 2.0
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_PING: Final = text("SELECT current_setting('transaction_read_only')")
# What a connection of our own goes by, whatever database and role say: changes that meet wait for
# each other and are not refused, and a commit that was answered is on disk.
_SESSION: Final = (
    "SELECT set_config('default_transaction_isolation', 'read committed', false),"
    " CASE current_setting('synchronous_commit', true)"
    " WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END"
)
# Classes and codes of PostgreSQL's appendix A that say "not now", never "wrong statement".
_UNREACHABLE: Final = (
    *("08", "53", "57P", "57014", "55P03", "28", "3D000", "25006"),
    *LOST_STATEMENT,
)


class NotConnected(StoreUnavailable):
    """There is no connection. Its cause says why."""


class PostgresDatabase:
    """A PostgreSQL database whose schema is current; see `Database`."""

    def __init__(self, url: PostgresUrl) -> None:
        self._engine = open_postgres_engine(
            url, statement_seconds=STATEMENT_SECONDS, size=CONNECTIONS
        )
        self._reads = set_autocommit(self._engine, url)
        self._hot = _open_hot_reads(self._engine, url) if url.prepared else None
        self._searching = open_postgres_engine(
            url, statement_seconds=SEARCH_SECONDS, size=SEARCHERS
        )
        self._searches = set_autocommit(self._searching, url)
        self._reading_outage = Outage("database, reading")
        self._searching_outage = Outage("database, searching")
        self._writing_outage = Outage("database, writing")

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]:
        return "postgresql"

    def read_version(self) -> None:
        """None: reading a version would cost as much as reading the row."""

    async def read_one(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> AnyRow | None:
        if self._hot is not None and parameters:
            try:
                return await self._read_hot(self._hot, statement, parameters)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                pass  # rare: the other way tries again, and knows what to make of each fault
        found = await self.read_all(statement, parameters)
        return found[0] if found else None

    async def _read_hot(
        self, hot: HotReads, statement: Executable, parameters: Mapping[str, object]
    ) -> AnyRow | None:
        try:
            found = await hot.read_one(statement, parameters)
        except (TimeoutError, StoreUnavailable) as error:
            self._reading_outage.note(error.__cause__ or error)
            raise StoreUnavailable from error
        if self._reading_outage.is_on:
            self._reading_outage.end_if_quiet()
        return found

    async def read_all(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        with self._reading_outage.watch(_find_fault):
            return await _read(self._reads, statement, parameters)

    async def search(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        with self._searching_outage.watch(_find_fault):
            return await _read(self._searches, statement, parameters)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        with self._writing_outage.watch(_find_fault):
            async with self._engine.begin() as tx:
                yield tx

    async def ping(self) -> None:
        # A server that only stands by, or was set to read only, answers but can't be written.
        if await self.read_one(_PING) != ("off",):
            raise StoreUnavailable

    async def close(self) -> None:
        if self._hot is not None:
            await self._hot.close()
        await self._engine.dispose()
        await self._searching.dispose()


def open_postgres_engine(
    url: PostgresUrl, *, statement_seconds: float | None, size: int
) -> AsyncEngine:
    """Returns an engine that raises `StoreUnavailable` if it cannot connect in a few seconds."""

    async def connect() -> Connection:
        return await _connect(url, statement_seconds)

    return create_postgres_engine(
        url,
        connect,
        size=size,
        queue_seconds=QUEUE_SECONDS,
        isolation_level="READ COMMITTED",  # in BEGIN itself, which a pooler passes on
    )


def _open_hot_reads(engine: AsyncEngine, url: PostgresUrl) -> HotReads:
    return HotReads(engine.dialect, lambda: _connect(url, STATEMENT_SECONDS))


async def _read(
    engine: AsyncEngine, statement: Executable, parameters: Mapping[str, object]
) -> Sequence[AnyRow]:
    try:
        return await _read_once(engine, statement, parameters)
    except (DBAPIError, ConnectionError) as error:
        if isinstance(error, DBAPIError) and not error.connection_invalidated:
            raise
    # The connection died in the pool, and took its siblings' trust with it: a fresh one.
    return await _read_once(engine, statement, parameters)


async def _read_once(
    engine: AsyncEngine, statement: Executable, parameters: Mapping[str, object]
) -> Sequence[AnyRow]:
    async with engine.connect() as connection:
        return (await connection.execute(statement, parameters)).all()


def _find_fault(error: Exception) -> BaseException | None:
    """Returns why the server is down, full or slow. None for another error."""
    if isinstance(error, NotConnected):
        return error.__cause__ or error
    if isinstance(error, PoolTimeoutError | DisconnectionError | OSError):
        return error
    return error if isinstance(error, DBAPIError) and _is_unreachable(error) else None


def _is_unreachable(error: DBAPIError) -> bool:
    if error.connection_invalidated or isinstance(error.orig, OSError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    return isinstance(state, str) and state.startswith(_UNREACHABLE)


async def _connect(url: PostgresUrl, statement_seconds: float | None) -> Connection:
    try:
        connection = await open_connection(
            url,
            connect_seconds=CONNECT_SECONDS,
            statement_seconds=statement_seconds,
            tls=create_system_tls(url),
        )
        if url.prepared:  # behind a transaction pooler it would be another's session
            await connection.execute(_SESSION)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise NotConnected from error
    return connection
