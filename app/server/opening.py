"""Opens all objects over their stores, and closes them: for the service, and for a mount."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from ..bridge.database_url import DatabaseUrlError
from ..mail.templates import TemplateError
from ..models.errors import Refusal, StoreUnavailable
from ..schema.state import NOT_CURRENT, SchemaError, SchemaState, inspect_schema
from ..settings.environment import SettingsError
from ..settings.settings import Settings
from ..storage.database import Database
from ..storage.secondary import SecondaryStorage
from ..storage.unreachable import describe_with_remedy, get_database_name
from .cleaning import make_cleaner
from .container import Container
from .hooks.registry import HookRegistry
from .plugins import derive_requirements
from .resources import Resources
from .store_wait import StoreWait, report_when_long

# What `open_container` raises where the operator has to change something: one line each.
OPENING_FAULTS: Final = (DatabaseUrlError, SchemaError, SettingsError, TemplateError, Refusal)
_log = logging.getLogger("better_auth.server")


@asynccontextmanager
async def open_container(
    settings: Settings, hooks: HookRegistry | None = None
) -> AsyncIterator[Container]:
    """Opens all objects for the block. While it runs, expired rows go, and webhooks are sent.

    `hooks` are functions of users.

    Waits for a database that is down, as long as `database_wait` says. At the end it finishes
    background work and sends mail. Raises `OPENING_FAULTS`.
    """
    resources = await Resources.open(settings, hooks)
    try:
        await _check_storage(resources.storage)
        schema = await _inspect(resources.database, settings)
        if not schema.current:
            raise SchemaError(NOT_CURRENT)
        container = Container(settings, resources, schema)
        running = [make_cleaner(settings, resources.database, schema).run()]
        if settings.webhook_url is not None:
            from .webhooks.making import make_webhook_delivery  # noqa: PLC0415 - httpcore

            running.append(make_webhook_delivery(container, settings.webhook_url).run())
        tasks = [asyncio.create_task(each) for each in running]
        try:
            yield container
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
    finally:
        await resources.close()


async def _check_storage(storage: SecondaryStorage | None) -> None:
    fault = None if storage is None else await storage.find_fault()
    if fault is not None:
        raise SettingsError((fault,))


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
                raise SchemaError(describe_with_remedy(name, refusal)) from refusal
