"""The objects of the service as a command has them: beside it, over the same stores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.schema.state import inspect_schema
from app.server.container import Container
from app.server.plugins import derive_requirements
from app.server.resources import Resources
from app.storage.database import open_database
from app.storage.secondary import SecondaryStorage
from tests.support.service import Service


@asynccontextmanager
async def operating(
    url: str, service: Service, storage: SecondaryStorage | None = None
) -> AsyncIterator[Container]:
    """Another process on the database at `url`, with the settings of `service`."""
    database = await open_database(url)
    try:
        schema = await inspect_schema(database, derive_requirements(service.settings))
        yield Container(service.settings, Resources(database, storage), schema)
    finally:
        await database.close()
