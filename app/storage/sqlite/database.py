"""SQLite: one connection for hot reads, a thread for writes, others for reads and searches."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, Self
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    ExceptionContext,
    Executable,
    event,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from ...bridge.database_url import DatabaseUrlError
from ..compiled import AnyRow
from ..outage import Outage
from .file import SqliteFile
from .reads import HeldReads, forbid_writing
from .thread import ThreadConnection

BUSY_SECONDS: Final = 5
QUEUE_SECONDS: Final = 10
READERS: Final = 4
SEARCHERS: Final = 4
SEARCH_SECONDS: Final = 2
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_PING: Final = text("SELECT 1 FROM sqlite_master LIMIT 1")
_UNREACHABLE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_INTERRUPT,
    }
)


class SqliteDatabase:
    """A SQLite file that is there and whose schema is current; see `Database`."""

    def __init__(self, path: Path, *, wal: bool) -> None:
        """Without `wal` a writer could block the event loop, so hot reads use a thread."""
        self._file = SqliteFile(path)
        self._held = HeldReads(_make_url("sqlite", path)) if wal else None
        self._readers = _open_reading_engine(path, READERS)
        self._searchers = _open_reading_engine(path, SEARCHERS)
        event.listen(self._searchers.sync_engine, "connect", _add_casefold)
        self._writer = open_writing_engine(path, busy_seconds=BUSY_SECONDS)
        self._reading = Outage("database, reading")
        self._searching = Outage("database, searching")
        self._writing = Outage("database, writing")
        self._version: int | None = None
        self._is_known = False

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Opens the file in WAL mode, which the file keeps. Raises `DatabaseUrlError`."""
        return cls(path, wal=await asyncio.to_thread(_set_wal, path))

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]:
        return "sqlite"

    def read_version(self) -> int | None:
        """Read once in each turn of the event loop.

        All requests that use it came in before it was read. A request that can know of a later
        commit is served in a later turn.
        """
        if not self._is_known:
            self._version = self._ask_version()
            self._is_known = True
            asyncio.get_running_loop().call_soon(self._forget_version)
        return self._version

    def _forget_version(self) -> None:
        self._is_known = False

    def _ask_version(self) -> int | None:
        """Reads the version, which commits of other connections change. This one never writes."""
        self._file.require_lately()
        try:
            return None if self._held is None else self._held.read_version()
        except sqlite3.Error:  # the read that follows says why
            return None

    async def read_one(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> AnyRow | None:
        self._file.require_lately()
        if self._held is not None:
            try:
                found = self._held.read_one(statement, parameters)
            except (sqlite3.Error, DBAPIError):
                pass  # rare: the other way tries again, and knows what to make of each fault
            else:
                if self._reading.is_on:
                    self._reading.end_if_quiet()
                return found
        rows = await self.read_all(statement, parameters)
        return rows[0] if rows else None

    async def read_all(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        self._file.require()
        with self._reading.watch(_find_fault):
            async with self._readers.connect() as connection:
                return (await connection.execute(statement, parameters)).all()

    async def search(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        self._file.require()
        with self._searching.watch(_find_fault):
            async with self._searchers.connect() as connection, _interrupt_when_late(connection):
                return (await connection.execute(statement, parameters)).all()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        self._file.require()
        with self._writing.watch(_find_fault):
            async with self._writer.begin() as tx:
                yield tx

    async def ping(self) -> None:
        self._file.require_writable()
        await self.read_all(_PING)

    async def close(self) -> None:
        if self._held is not None:
            self._held.close()
        await self._readers.dispose()
        await self._searchers.dispose()
        await self._writer.dispose()


def open_writing_engine(path: Path, *, busy_seconds: float, mode: str = "rw") -> AsyncEngine:
    """Returns an engine with one connection: one writer per process, in order of arrival.

    `mode` is that of SQLite's URI filenames.
    """
    engine = create_async_engine(
        _make_url("sqlite+aiosqlite", path, mode),
        connect_args={"timeout": busy_seconds, "async_creator_fn": ThreadConnection},
        pool_size=1,
        max_overflow=0,
        pool_timeout=QUEUE_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _prepare_writer)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    event.listen(engine.sync_engine, "handle_error", _replace_if_readonly)
    return engine


def _find_fault(error: Exception) -> BaseException | None:
    """Returns why the file is locked, missing, full, damaged or read-only. None: another error."""
    if isinstance(error, PoolTimeoutError):
        return error
    code = getattr(error.orig, "sqlite_errorcode", None) if isinstance(error, DBAPIError) else None
    return error if code is not None and code & 0xFF in _UNREACHABLE else None


def _set_wal(path: Path) -> bool:
    if not path.parent.is_dir():
        raise DatabaseUrlError(
            f"DATABASE_URL: the folder of {path} does not exist; create it or name another file"
        )
    if not path.is_file():
        raise DatabaseUrlError(
            f"DATABASE_URL: there is not a file {path}; `.venv/bin/python -m app migrate` creates"
            f" it"
        )
    try:
        with closing(sqlite3.connect(_make_uri(path), uri=True, timeout=1)) as probe:
            return _can_use_wal(probe)
    except sqlite3.DatabaseError as error:
        raise DatabaseUrlError(f"DATABASE_URL: {path} can't be used: {error}") from error


def _can_use_wal(probe: sqlite3.Connection) -> bool:
    """Sets WAL. Returns False if another process uses the file or the folder is read-only."""
    try:
        probe.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        return bool(probe.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY):
            return False
        raise


def _open_reading_engine(path: Path, size: int) -> AsyncEngine:
    engine = create_async_engine(
        _make_url("sqlite+aiosqlite", path),
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": BUSY_SECONDS, "async_creator_fn": ThreadConnection},
        pool_size=size,
        max_overflow=0,
        pool_timeout=QUEUE_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", forbid_writing)
    return engine


def _add_casefold(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.create_function("casefold", 1, _fold_case, deterministic=True)


def _fold_case(value: str | None) -> str | None:
    """Folds case like Unicode. `lower` of SQLite knows only ASCII."""
    return None if value is None else value.casefold()


@asynccontextmanager
async def _interrupt_when_late(connection: AsyncConnection) -> AsyncIterator[None]:
    timer = asyncio.create_task(_interrupt(await connection.get_raw_connection()))
    try:
        yield
    finally:
        timer.cancel()


async def _interrupt(connection: PoolProxiedConnection) -> None:
    await asyncio.sleep(SEARCH_SECONDS)
    await connection.driver_connection.interrupt()  # type: ignore[union-attr]  # aiosqlite's


def _prepare_writer(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver must not begin by itself: its BEGIN would take the lock too late.
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_immediate(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, ThreadConnection)
    driver.begin_immediate()


def _replace_if_readonly(context: ExceptionContext) -> None:
    # SQLite opens a file that can't be written for reading, and the connection stays that way.
    code = getattr(context.original_exception, "sqlite_errorcode", 0)
    if context.connection is not None and code & 0xFF == sqlite3.SQLITE_READONLY:
        context.connection.connection.invalidate(soft=True)


def _make_url(driver: str, path: Path, mode: str = "rw") -> URL:
    return URL.create(driver, database=_make_uri(path, mode), query={"uri": "true"})


def _make_uri(path: Path, mode: str = "rw") -> str:
    # Without "c" a file that went away is an error, never a fresh empty database.
    return f"file:{quote(str(path.absolute()))}?mode={mode}"
