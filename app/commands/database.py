"""The database of a command. The service may run at the same time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..models.errors import StoreUnavailable
from ..schema.state import NOT_CURRENT, SchemaError, SchemaState, read_state
from ..server.plugins import derive_requirements
from ..settings.settings import Settings
from ..storage.database import Database, open_database
from ..storage.unreachable import describe_unreachable, get_database_name


@asynccontextmanager
async def open_current_database(settings: Settings) -> AsyncIterator[tuple[Database, SchemaState]]:
    """Opens the database for the block.

    Raises `DatabaseUrlError`, and `SchemaError` also if the store cannot be reached.
    """
    try:
        async with _open(settings) as opened:
            yield opened
    except StoreUnavailable as refusal:
        name = get_database_name(settings.database_url)
        raise SchemaError(describe_unreachable(name, refusal)) from refusal


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[tuple[Database, SchemaState]]:
    database = await open_database(settings.database_url, prepared=settings.database_prepared)
    try:
        schema = await read_state(database, derive_requirements(settings))
        if not schema.current:
            raise SchemaError(NOT_CURRENT)
        yield database, schema
    finally:
        await database.close()
