"""The service under an HTTP server: opens its resources, serves, closes them."""

import asyncio
import gc
import logging

from ..mail.templates import TemplateError
from ..models.errors import Refusal, StoreUnavailable
from ..schema.state import NOT_CURRENT, SchemaError, SchemaState, inspect_schema
from ..settings.environment import SettingsError
from ..settings.settings import Settings
from ..storage.database import Database, DatabaseUrlError
from ..storage.unreachable import describe_unreachable, get_database_name
from ..web.http.asgi import App, Receive, Scope, Send
from .app import create_app
from .cleaning import Cleaner, make_cleaner
from .plugins import derive_requirements, read_settings
from .resources import Resources
from .store_wait import StoreWait, report_when_long

_log = logging.getLogger("app.server")


class Service:
    """An ASGI application. It answers after its lifespan has started."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: App | None = None
        self._cleaner: Cleaner | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request, or the lifespan."""
        if scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)
        else:
            assert self._app is not None
            await self._app(scope, receive, send)

    async def _run_lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            resources = await self._open()
        except (
            DatabaseUrlError,
            SchemaError,
            SettingsError,
            TemplateError,
            Refusal,
        ) as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        # What is here by now stays: to look through all of it for garbage would stop every answer
        # for 60 to 90 ms, each time that as much again has come.
        gc.freeze()
        assert self._cleaner is not None
        cleaning = asyncio.create_task(self._cleaner.run())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        gc.unfreeze()
        cleaning.cancel()
        await asyncio.wait([cleaning])
        await resources.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _open(self) -> Resources:
        settings = self._settings
        resources = await Resources.open(settings)
        try:
            schema = await _inspect(resources.database, settings)
            self._app = create_app(settings, resources, _require_current(schema))
            self._cleaner = make_cleaner(settings, resources.database, schema)
        except BaseException:
            await resources.close()
            raise
        return resources


async def _inspect(database: Database, settings: Settings) -> SchemaState:
    """Inspects the schema, and waits for a store that is down."""
    name = get_database_name(settings.database_url)
    wait = StoreWait(name, settings.database_wait, _log.warning)
    while True:
        try:
            with report_when_long(_log.info):
                return await inspect_schema(database, derive_requirements(settings))
        except StoreUnavailable as refusal:
            if not await wait.can_go_on(refusal):
                raise SchemaError(describe_unreachable(name, refusal)) from refusal


def _require_current(schema: SchemaState) -> SchemaState:
    if not schema.current:
        raise SchemaError(NOT_CURRENT)
    return schema


def from_env() -> App:
    """Creates the application of one worker."""
    return Service(read_settings())
