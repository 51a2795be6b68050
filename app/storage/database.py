"""The one way to the store: hot reads, other reads, searches and writes, on either engine."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType
from typing import Any, Final, Literal, Protocol

from sqlalchemy import Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ..bridge.database_url import DatabaseUrlError, SqliteUrl, parse_database_url
from .sqlite.database import SqliteDatabase

__all__ = ["AnyRow", "Database", "DatabaseUrlError", "open_database"]

AnyRow = Row[*tuple[Any, ...]]
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


class Database(Protocol):
    """Where features read and write.

    Everything here raises `StoreUnavailable` when the store can't be reached, is locked past its
    timeout or has no connection left; an `IntegrityError` and other faults pass through.
    """

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]: ...

    def version(self) -> int | None:
        """A number that every commit changes, whoever commits; None where asking is not cheap.

        What was read after it was asked for is current for as long as it stays the same.
        """
        ...

    async def read_one(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> AnyRow | None:
        """The one row that a unique index finds; on SQLite it is read on the event loop."""
        ...

    async def read_all(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        """Every row of a query that is known to be small."""
        ...

    async def search(
        self, statement: Executable, parameters: Mapping[str, object] = _NOTHING
    ) -> Sequence[AnyRow]:
        """Every row of a query whose cost its asker decides, which holds up no other reads.

        After two seconds it is ended. On SQLite it may use `casefold(text)`, as Unicode defines it.
        """
        ...

    def begin(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A writing transaction: committed and on disk when the block ends, undone if it raises."""
        ...

    async def ping(self) -> None:
        """Returns when the store answers and can be written, as far as can be seen cheaply."""
        ...

    async def close(self) -> None:
        """Gives every connection back; the database can't be used afterwards."""
        ...


async def open_database(url: str, *, prepared: bool | None = None) -> Database:
    """Opens the database; `prepared=False` is for PostgreSQL behind a transaction pooler.

    A SQLite file must be there; PostgreSQL is reached at the first use, so that the service
    may start before it. Raises `DatabaseUrlError` for a URL or a file that can't be used.
    """
    found = parse_database_url(url, prepared=prepared)
    if isinstance(found, SqliteUrl):
        return await SqliteDatabase.open(found.path)
    from .postgres.database import PostgresDatabase  # noqa: PLC0415 - asyncpg, for PostgreSQL alone

    return PostgresDatabase(found)
