"""SQLite: one connection for hot reads, a thread for writes, others for reads and searches."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, Self

from sqlalchemy import (
    Executable,
    event,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection

from ...bridge.database_url import DatabaseUrlError
from ...models.program_name import COMMAND
from ..after_commit import start_waiting
from ..compiled import AnyRow, StoredRow
from ..outage import Outage
from ..pool_use import PoolUse
from ..statement_spans import find_statement_spans, measure_transaction, observe_statements
from ..steps import Step, can_join, run_steps
from .engines import BUSY_SECONDS, make_uri, make_url, open_reading_engine, open_writing_engine
from .file import SqliteFile
from .folder_lock import lock_folder
from .interruption import interrupt_after
from .joined_steps import JoinedSteps, run_statements
from .reads import add_casefold
from .traced_reads import open_held_reads
from .writer import KeptWriter

READERS: Final = 4
SEARCHERS: Final = 4
SEARCH_SECONDS: Final = 2
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_PING: Final = text("SELECT 1 FROM sqlite_master LIMIT 1")
# Between the writes, by a connection that holds up no writer: else a commit of somebody does it.
_CHECKPOINT: Final = text("PRAGMA wal_checkpoint(PASSIVE)")
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
        self._folder = path.parent
        self._spans = find_statement_spans("sqlite")
        self._held = open_held_reads(make_url("sqlite", path), self._spans) if wal else None
        self._readers = open_reading_engine(path, READERS)
        self._searchers = open_reading_engine(path, SEARCHERS)
        event.listen(self._searchers.sync_engine, "connect", add_casefold)
        writing = open_writing_engine(path, busy_seconds=BUSY_SECONDS)
        self._writer = KeptWriter(writing)
        self._joined = JoinedSteps(writing.dialect)
        observe_statements(self._spans, self._readers, self._searchers, writing)
        self._reader_use = PoolUse("readers", READERS)
        self._searcher_use = PoolUse("searchers", SEARCHERS)
        self._writer_use = PoolUse("writer", 1)
        self._reading = Outage("database, reading")
        self._searching = Outage("database, searching")
        self._writing = Outage("database, writing")
        self._version: int | None = None
        self._is_known = False

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Opens the file in WAL mode, which the file keeps. Raises `DatabaseUrlError`."""
        return cls(path, wal=await asyncio.to_thread(_probe, path, _set_wal))

    @classmethod
    async def open_unchanged(cls, path: Path) -> Self:
        """Opens the file in the journal mode that it has. Raises `DatabaseUrlError`."""
        return cls(path, wal=await asyncio.to_thread(_probe, path, _has_wal))

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
        found = await self.read_stored(statement, parameters)
        return None if found is None else found.convert()

    async def read_stored(
        self, statement: Executable, parameters: Mapping[str, object]
    ) -> StoredRow | None:
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
        return StoredRow.wrap(rows[0]) if rows else None

    async def read_all(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        self._file.require()
        with self._reading.watch(_find_fault):
            async with self._reader_use.watch(self._readers.connect()) as connection:
                return (await connection.execute(statement, parameters)).all()

    async def search(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        self._file.require()
        with self._searching.watch(_find_fault):
            borrowed = self._searcher_use.watch(self._searchers.connect())
            async with borrowed as connection, interrupt_after(SEARCH_SECONDS, connection):
                return (await connection.execute(statement, parameters)).all()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        self._file.require()
        with self._writing.watch(_find_fault), measure_transaction(self._spans):
            async with self._writer_use.watch(self._writer.begin()) as tx:
                yield tx
        start_waiting(tx)

    async def write(self, steps: Sequence[Step]) -> None:
        if not await self._write_joined(steps):
            async with self.begin() as tx:
                await run_steps(tx, steps)

    async def _write_joined(self, steps: Sequence[Step]) -> bool:
        """Returns False if nothing was written. The other way knows what to make of each fault."""
        if self._spans is not None or not can_join(steps):  # SQLAlchemy makes the spans
            return False
        self._file.require()
        with self._writing.watch(_find_fault):
            async with self._writer_use.watch(self._writer.reserve()) as connection:
                try:
                    statements = self._joined.compile(steps)
                    rows = await connection.call(partial(run_statements, statements=statements))
                except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
                    if _is_busy(error):
                        raise  # it has waited for as long as the other way would
                    return False
        for statement, row in zip(statements, rows, strict=True):
            statement.receive(row)
        return True

    @asynccontextmanager
    async def take_turn(self) -> AsyncIterator[bool]:
        with lock_folder(self._folder) as taken:
            yield taken
            if taken:
                await self.read_all(_CHECKPOINT)

    async def ping(self) -> None:
        self._file.require_writable()
        await self.read_all(_PING)

    async def close(self) -> None:
        if self._held is not None:
            self._held.close()
        await self._readers.dispose()
        await self._searchers.dispose()
        await self._writer.close()


def _find_fault(error: Exception) -> BaseException | None:
    """Returns why the file is locked, missing, full, damaged or read-only. None: another error."""
    if isinstance(error, PoolTimeoutError):
        return error
    orig = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(orig, "sqlite_errorcode", None)
    return error if code is not None and code & 0xFF in _UNREACHABLE else None


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _probe(path: Path, find_wal: Callable[[sqlite3.Connection], bool]) -> bool:
    """Returns what `find_wal` finds. Raises `DatabaseUrlError` for what is not a database."""
    if not path.parent.is_dir():
        raise DatabaseUrlError(
            f"DATABASE_URL: the folder of {path} does not exist; create it or name another file"
        )
    if not path.is_file():
        raise DatabaseUrlError(
            f"DATABASE_URL: there is not a file {path}; `{COMMAND} migrate` creates it"
        )
    try:
        with closing(sqlite3.connect(make_uri(path), uri=True, timeout=1)) as probe:
            return find_wal(probe)
    except sqlite3.DatabaseError as error:
        remedy = "; make room on it" if str(error).endswith("disk is full") else ""
        raise DatabaseUrlError(f"DATABASE_URL: {path} can't be used: {error}{remedy}") from error


def _set_wal(probe: sqlite3.Connection) -> bool:
    """Sets WAL. Returns False if another process uses the file or the folder is read-only."""
    try:
        probe.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        return bool(probe.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY):
            return False
        raise


def _has_wal(probe: sqlite3.Connection) -> bool:
    return bool(probe.execute("PRAGMA journal_mode").fetchone()[0] == "wal")
