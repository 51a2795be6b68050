"""Runs, fetches and closes a statement in one run to the connection's thread.

aiosqlite visits the thread once for each step. Each run costs two thread switches, which are slow
while the cores compute hashes.
"""

import sqlite3
import time
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Final, Self, TypeVar

import aiosqlite
from msgspec import Struct

from ...models.telemetry.metrics import SQLITE_LOCK_SECONDS

T = TypeVar("T")
_Row = tuple[object, ...]
_Run = Callable[[sqlite3.Cursor], sqlite3.Cursor]


class _Done(Struct, frozen=True):
    """The result of a statement, as in PEP 249."""

    rows: Sequence[_Row] = ()
    description: Sequence[_Row] | None = None
    rowcount: int = -1
    lastrowid: int | None = None


_NOTHING: Final = _Done()


class ThreadConnection(aiosqlite.Connection):
    """aiosqlite's, with cursors of its own: SQLAlchemy's `async_creator_fn`."""

    def __init__(
        self, database: str, *, uri: bool, timeout: float, check_same_thread: bool
    ) -> None:
        opening = partial(
            sqlite3.connect,
            database,
            uri=uri,
            timeout=timeout,
            check_same_thread=check_same_thread,
        )
        super().__init__(opening, iter_chunk_size=64)
        self._thread.daemon = True  # one that is never closed does not keep the process
        self._is_committed = False
        self._is_to_begin = False

    def begin_immediate(self) -> None:
        """Begins together with the next statement, in one run. Without one there is nothing."""
        self._is_to_begin = True

    def cursor(self) -> "Cursor":  # type: ignore[override]  # aiosqlite's has to be awaited
        return Cursor(self)

    async def run(self, run: _Run) -> _Done:
        """Calls `run` with a new cursor, and fetches all rows."""
        whole = _begin_and_fetch if self._is_to_begin else _execute_and_fetch
        self._is_committed = self._is_to_begin = False
        done: _Done = await self._execute(whole, self._conn, run)  # type: ignore[no-untyped-call]
        return done

    async def call(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Calls the function in the thread. It leaves no transaction open."""
        done: T = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]
        return done

    async def commit(self) -> None:
        if not self._is_to_begin:
            await super().commit()
        self._is_to_begin, self._is_committed = False, True

    async def rollback(self) -> None:
        """Rolls back. SQLAlchemy's pool also calls this after each commit."""
        if not self._is_committed and not self._is_to_begin:
            await super().rollback()
        self._is_to_begin = False


class Cursor:
    """The part of aiosqlite's cursor that SQLAlchemy uses."""

    arraysize = 1

    def __init__(self, connection: ThreadConnection) -> None:
        self._connection = connection
        self._done = _NOTHING

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[object] = ()) -> None:
        """Runs a statement and fetches all its rows."""
        self._done = await self._connection.run(lambda at: at.execute(statement, parameters))

    async def executemany(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        self._done = await self._connection.run(lambda at: at.executemany(statement, rows))

    async def fetchall(self) -> Sequence[_Row]:
        return self._done.rows

    def __await__(self) -> Generator[None, None, Self]:
        """Returns itself at once. SQLAlchemy 2.0 awaits a new cursor, later ones do not."""
        yield from ()
        return self

    def close(self) -> Self:
        """Does nothing: it is already closed. SQLAlchemy 2.0 does not await it, later ones do."""
        return self

    @property
    def description(self) -> Sequence[_Row] | None:
        return self._done.description

    @property
    def rowcount(self) -> int:
        return self._done.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._done.lastrowid


def begin_writing(connection: sqlite3.Connection) -> None:
    """Begins a transaction that writes, and measures how long it waits for the lock."""
    start = time.perf_counter()
    try:
        connection.execute("BEGIN IMMEDIATE").close()
    finally:
        SQLITE_LOCK_SECONDS.observe(time.perf_counter() - start)


def _begin_and_fetch(connection: sqlite3.Connection, run: _Run) -> _Done:
    begin_writing(connection)
    return _execute_and_fetch(connection, run)


def _execute_and_fetch(connection: sqlite3.Connection, run: _Run) -> _Done:
    cursor = connection.cursor()
    try:
        run(cursor)
        rows = cursor.fetchall()
        return _Done(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()
