"""The stores of a command. The service may run at the same time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..models.errors import StoreUnavailable
from ..models.telemetry.log_context import begin_command
from ..schema.state import NOT_CURRENT, SchemaError, SchemaState, read_state
from ..server.container import Container
from ..server.hooks.loading import load_hooks
from ..server.plugins import derive_requirements
from ..server.resources import GRACE, Resources, open_storage
from ..settings.settings import Settings
from ..settings.system import get_account_name
from ..storage.database import Database, open_database
from ..storage.secondary import SecondaryStorage
from ..storage.unreachable import describe_with_remedy, get_database_name


@asynccontextmanager
async def open_current_database(settings: Settings) -> AsyncIterator[tuple[Database, SchemaState]]:
    """Opens the database for the block, whose audit events tell who runs the command.

    Raises `DatabaseUrlError`, and `SchemaError` also if the store cannot be reached.
    """
    begin_command(get_account_name())
    try:
        async with _open(settings) as opened:
            yield opened
    except StoreUnavailable as refusal:
        name = get_database_name(settings.database_url)
        raise SchemaError(describe_with_remedy(name, refusal)) from refusal


@asynccontextmanager
async def open_container(
    settings: Settings, *, needs_redis: bool = True
) -> AsyncIterator[Container]:
    """Opens all objects of the service for the block, but for what sends mail.

    Without `needs_redis` it opens while Redis is down, for what only asks the database.

    Raises `DatabaseUrlError`, and `SchemaError` also if a store cannot be reached.
    """
    async with open_current_database(settings) as (database, schema):
        storage = open_storage(settings)
        try:
            if storage is not None and needs_redis:
                await _ping(storage)
            resources = Resources(database, storage, hooks=load_hooks(settings))
            yield Container(settings, resources, schema)
            await resources.background.finish(GRACE)
        finally:
            if storage is not None:
                await storage.close()


async def _ping(storage: SecondaryStorage) -> None:
    """Asks Redis once, so that a fault names it."""
    try:
        await storage.ping()
    except StoreUnavailable as refusal:
        raise SchemaError(describe_with_remedy("Redis", refusal)) from refusal


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
