"""The database: hot reads, other reads, searches and writes, on SQLite or PostgreSQL."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType
from typing import Final, Literal, Protocol

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from ..bridge.database_url import DatabaseUrlError, SqliteUrl, parse_database_url
from .compiled import AnyRow, StoredRow
from .sqlite.database import SqliteDatabase
from .steps import Step

__all__ = ["AnyRow", "Database", "DatabaseUrlError", "open_database"]

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


class Database(Protocol):
    """Where features read and write.

    Every method raises `StoreUnavailable` if the store cannot be reached, is locked longer than its
    timeout, or has no free connection. `IntegrityError` and other errors pass through.
    """

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]: ...

    def read_version(self) -> int | None:
        """A number that changes with every commit of any process. None if reading it is expensive.

        A row that was read after the version is current as long as the version is the same.
        """
        ...

    async def read_one(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> AnyRow | None:
        """Reads one row by a unique index. On SQLite this runs on the event loop."""
        ...

    async def read_stored(
        self, statement: Executable, parameters: Mapping[str, object]
    ) -> StoredRow | None:
        """Does the same without the conversion, for a caller who may know the row already."""
        ...

    async def read_all(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        """Reads all rows of a query that is known to be small."""
        ...

    async def search(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        """Reads all rows of a query of unknown cost. It does not delay other reads.

        It is cancelled after two seconds. On SQLite it may use `casefold(text)`, as Unicode defines
        it.
        """
        ...

    def begin(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction: committed and on disk when the block ends, rolled back if it raises."""
        ...

    async def write(self, steps: Sequence[Step]) -> None:
        """Runs steps in a transaction of their own. It is on disk when this returns.

        Raises the refusal of the first check that fails, and nothing is written then.
        """
        ...

    def take_turn(self) -> AbstractAsyncContextManager[bool]:
        """Whether this process alone tidies up, until the block ends. It never waits for another.

        A process that dies gives its turn back.
        """
        ...

    async def ping(self) -> None:
        """Returns if the store answers and is writable, as far as a cheap check can tell."""
        ...

    async def close(self) -> None:
        """Closes all connections. The database cannot be used after that."""
        ...


async def open_database(
    url: str, *, prepared: bool | None = None, unchanged: bool = False
) -> Database:
    """Opens the database. `prepared=False` is for PostgreSQL behind a transaction pooler.

    `unchanged`: not even the journal mode of a SQLite file is set.

    A SQLite file must exist. PostgreSQL is connected at the first use, so that the service may
    start before it. Raises `DatabaseUrlError` for an invalid URL or file.
    """
    found = parse_database_url(url, prepared=prepared)
    if isinstance(found, SqliteUrl):
        opened = SqliteDatabase.open_unchanged if unchanged else SqliteDatabase.open
        return await opened(found.path)
    from .postgres.database import PostgresDatabase  # noqa: PLC0415 - asyncpg, for PostgreSQL alone

    return PostgresDatabase(found)
