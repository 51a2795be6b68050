"""The transaction in which a schema is inspected and changed, with its own lock."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ..bridge.database_url import DatabaseUrlError, SqliteUrl, parse_database_url
from ..models.errors import StoreUnavailable
from ..storage.sqlite.engines import open_writing_engine
from ..storage.sqlite.file import make_private
from ..storage.unreachable import describe_with_remedy, get_driver_message, suggest_remedy
from .state import SchemaError

WAIT_SECONDS: Final = 60
_LOCK_TIMEOUT: Final = text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
# Any number will do, as long as nobody else takes it: "better" in ASCII.
_LOCK: Final = text(f"SELECT pg_advisory_xact_lock({int.from_bytes(b'better')})")


class LockedDatabase(Struct, frozen=True):
    """A transaction that excludes all other migrations. `name` is for messages."""

    tx: AsyncConnection
    dialect: str
    name: str


@asynccontextmanager
async def lock_database(
    url: str, *, prepared: bool | None, create: bool
) -> AsyncIterator[LockedDatabase]:
    """Opens the database for one migration. With `create`, makes a missing SQLite file.

    Without `create`, an empty database in memory takes its place. Raises `SchemaError` for every
    error of the database, also inside the block.
    """
    name, engine = _open_engine(url, prepared=prepared, create=create)
    try:
        with _raise_in_one_line(name):
            async with engine.begin() as tx:
                if engine.dialect.name == "postgresql":
                    await tx.execute(_LOCK_TIMEOUT)
                    await tx.execute(_LOCK)
                yield LockedDatabase(tx, engine.dialect.name, name)
    finally:
        await engine.dispose()


def _open_engine(url: str, *, prepared: bool | None, create: bool) -> tuple[str, AsyncEngine]:
    try:
        found = parse_database_url(url, prepared=prepared)
    except DatabaseUrlError as error:
        raise SchemaError(str(error)) from error
    if not isinstance(found, SqliteUrl):
        from ..storage.postgres.database import open_postgres_engine  # noqa: PLC0415 - asyncpg

        return found.name, open_postgres_engine(found, statement_seconds=None, size=1)
    _check_folder(found.path)
    if create:
        _make(found.path)
    mode = "rw" if create or found.path.exists() else "memory"
    return str(found.path), open_writing_engine(found.path, busy_seconds=WAIT_SECONDS, mode=mode)


def _make(path: Path) -> None:
    try:
        make_private(path)
    except OSError as error:
        raise SchemaError(f"DATABASE_URL: {path} cannot be created: {error.strerror}") from error


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise SchemaError(
            f"DATABASE_URL: the folder of {path} does not exist; create it or name another file"
        )
    if path.is_dir():
        raise SchemaError(f"DATABASE_URL: {path} is a folder; name a file in it")


@contextmanager
def _raise_in_one_line(name: str) -> Iterator[None]:
    try:
        yield
    except StoreUnavailable as error:
        raise SchemaError(describe_with_remedy(name, error)) from error
    except DBAPIError as error:
        raise SchemaError(f"{name}: {get_driver_message(error)}{suggest_remedy(error)}") from error
