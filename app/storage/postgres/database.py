"""PostgreSQL with pooled asyncpg connections. Reads run without a transaction."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
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
    Connect,
    create_postgres_engine,
    create_system_tls,
    open_connection,
    set_autocommit,
)
from ...bridge.postgres_hosts import Connection
from ...models.errors import StoreUnavailable
from ..after_commit import start_waiting
from ..compiled import AnyRow, StoredRow
from ..outage import Outage
from ..pool_use import PoolUse
from ..statement_spans import find_statement_spans, measure_transaction, observe_statements
from ..steps import Step, can_join, run_steps
from .joined_steps import JoinedWrites, take_row
from .primary import PrimaryWatch
from .reads import HotReads
from .traced_reads import TracedHotReads

CONNECT_SECONDS: Final = 5.0
STATEMENT_SECONDS: Final = 15.0
QUEUE_SECONDS: Final = 5
CONNECTIONS: Final = 8
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
# A process that hangs, or is cut off, loses its turn after this time and not when TCP gives up.
_TURN: Final = text(
    "SELECT pg_try_advisory_xact_lock(x'62617574'::bigint),"
    " set_config('idle_in_transaction_session_timeout', '60s', true)"
)
# Classes and codes of PostgreSQL's appendix A that say "not now", never "wrong statement".
_UNREACHABLE: Final = (
    *("08", "53", "57P", "57014", "55P03", "28", "3D000", "25006"),
    *LOST_STATEMENT,
)

_BAD_VALUES: Final = (ValueError, TypeError, OverflowError)  # that cannot be sent


class NotConnected(StoreUnavailable):
    """There is no connection. Its cause says why."""


class PostgresDatabase:
    """A PostgreSQL database whose schema is current; see `Database`."""

    def __init__(self, url: PostgresUrl) -> None:
        connect = partial(_connect, url, STATEMENT_SECONDS)
        self._watch = PrimaryWatch(connect) if url.follows_primary else None
        connect, search = (
            partial(_connect, url, seconds, self._watch)
            for seconds in (STATEMENT_SECONDS, SEARCH_SECONDS)
        )
        self._engine = _create_engine(url, connect, CONNECTIONS)
        self._reads = set_autocommit(self._engine, url)
        self._spans = find_statement_spans("postgresql")
        self._hot = self._open_hot_reads(connect) if url.prepared else None
        self._joined: JoinedWrites | None = None
        if url.prepared and self._spans is None:  # SQLAlchemy makes the spans
            self._joined = JoinedWrites(self._engine.dialect, connect)
        self._searching = _create_engine(url, search, SEARCHERS)
        self._searches = set_autocommit(self._searching, url)
        observe_statements(self._spans, self._engine, self._searching)
        self._use = PoolUse("main", CONNECTIONS)
        self._search_use = PoolUse("searches", SEARCHERS)
        self._reading_outage = Outage("database, reading")
        self._searching_outage = Outage("database, searching")
        self._writing_outage = Outage("database, writing")

    def _open_hot_reads(self, connect: Connect) -> HotReads:
        dialect = self._engine.dialect
        if self._spans is None:
            return HotReads(dialect, connect)
        return TracedHotReads(dialect, connect, self._spans)

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]:
        return "postgresql"

    def read_version(self) -> None:
        """None: reading a version would cost as much as reading the row."""

    async def read_one(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> AnyRow | None:
        found = await self.read_stored(statement, parameters)
        return None if found is None else found.convert()

    async def read_stored(
        self, statement: Executable, parameters: Mapping[str, object]
    ) -> StoredRow | None:
        if self._hot is not None and parameters:
            try:
                return await self._read_hot(self._hot, statement, parameters)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                pass  # rare: the other way tries again, and knows what to make of each fault
        found = await self.read_all(statement, parameters)
        return StoredRow.wrap(found[0]) if found else None

    async def _read_hot(
        self, hot: HotReads, statement: Executable, parameters: Mapping[str, object]
    ) -> StoredRow | None:
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
            return await _read(self._reads, self._use, statement, parameters)

    async def search(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        with self._searching_outage.watch(_find_fault):
            return await _read(self._searches, self._search_use, statement, parameters)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        with self._writing_outage.watch(_find_fault), measure_transaction(self._spans):
            async with self._use.watch(self._engine.begin()) as tx:
                yield tx
        start_waiting(tx)

    async def write(self, steps: Sequence[Step]) -> None:
        if not await self._write_joined(steps):
            async with self.begin() as tx:
                await run_steps(tx, steps)

    async def _write_joined(self, steps: Sequence[Step]) -> bool:
        """Returns False if nothing was written. The other way knows what to make of each fault."""
        if self._joined is None or self._joined.is_busy or not can_join(steps):
            return False
        with self._writing_outage.watch(_find_fault):
            try:
                stored = await self._joined.write(steps)
            except NotConnected as error:
                if not isinstance(error.__cause__, asyncpg.PostgresError):
                    raise  # it has waited for as long as the other way would
                return False  # the server has no room, but the pool may have a connection
            except (asyncpg.PostgresError, asyncpg.InterfaceError, *_BAD_VALUES) as error:
                if _find_fault(error) is not None:
                    raise
                return False
            take_row(steps, stored)
        return True

    @asynccontextmanager
    async def take_turn(self) -> AsyncIterator[bool]:
        # Tied to a transaction, because behind a pooler a session is not one process's alone.
        async with self.begin() as tx:
            yield bool((await tx.execute(_TURN)).scalar())

    async def ping(self) -> None:
        # A server that only stands by, or was set to read only, answers but can't be written.
        if await self.read_one(_PING) != ("off",):
            raise StoreUnavailable

    async def close(self) -> None:
        if self._watch is not None:
            await self._watch.close()
        if self._hot is not None:
            await self._hot.close()
        if self._joined is not None:
            await self._joined.close()
        await self._engine.dispose()
        await self._searching.dispose()


def open_postgres_engine(
    url: PostgresUrl, *, statement_seconds: float | None, size: int
) -> AsyncEngine:
    """Returns an engine that raises `StoreUnavailable` if it cannot connect in a few seconds."""
    return _create_engine(url, partial(_connect, url, statement_seconds), size)


def _create_engine(url: PostgresUrl, connect: Connect, size: int) -> AsyncEngine:
    return create_postgres_engine(
        url,
        connect,
        size=size,
        queue_seconds=QUEUE_SECONDS,
        isolation_level="READ COMMITTED",  # in BEGIN itself, which a pooler passes on
    )


async def _read(
    engine: AsyncEngine, use: PoolUse, statement: Executable, parameters: Mapping[str, object]
) -> Sequence[AnyRow]:
    try:
        return await _read_once(engine, use, statement, parameters)
    except (DBAPIError, ConnectionError) as error:
        if isinstance(error, DBAPIError) and not error.connection_invalidated:
            raise
    # The connection died in the pool, and took its siblings' trust with it: a fresh one.
    return await _read_once(engine, use, statement, parameters)


async def _read_once(
    engine: AsyncEngine, use: PoolUse, statement: Executable, parameters: Mapping[str, object]
) -> Sequence[AnyRow]:
    async with use.watch(engine.connect()) as connection:
        return (await connection.execute(statement, parameters)).all()


def _find_fault(error: Exception) -> BaseException | None:
    """Returns why the server is down, full or slow. None for another error."""
    if isinstance(error, NotConnected):
        return error.__cause__ or error
    if isinstance(error, PoolTimeoutError | DisconnectionError | OSError):
        return error
    is_ours = isinstance(error, DBAPIError | asyncpg.PostgresError)
    return error if is_ours and _is_unreachable(error) else None


def _is_unreachable(error: DBAPIError | asyncpg.PostgresError) -> bool:
    fault = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(fault, OSError) or getattr(error, "connection_invalidated", False):
        return True
    state = getattr(fault, "sqlstate", None)
    return isinstance(state, str) and state.startswith(_UNREACHABLE)


async def _connect(
    url: PostgresUrl, statement_seconds: float | None, watch: PrimaryWatch | None = None
) -> Connection:
    try:
        connection = await open_connection(
            url,
            connect_seconds=CONNECT_SECONDS,
            statement_seconds=statement_seconds,
            tls=create_system_tls(url),
        )
        if url.prepared:  # behind a transaction pooler it would be another's session
            await _set_session(connection)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise NotConnected from error
    if watch is not None:
        watch.add(connection)
    return connection


async def _set_session(connection: Connection) -> None:
    try:
        await connection.execute(_SESSION)
    except BaseException:  # also if nobody waits for it any more
        connection.terminate()
        raise
