"""Opens the outbox of webhooks for a command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from msgspec import Struct

from ...auth.webhooks.queue import WebhookQueue
from ...bridge.database_url import DatabaseUrlError
from ...models.tables import make_tables
from ...schema.state import SchemaError
from ...settings.settings import Settings
from ..console import print_message
from ..database import open_current_database
from ..output import print_done


class WebhookFault(Exception):
    """Why there is nothing to list or to change, and what to do."""


FAULTS: Final = (DatabaseUrlError, SchemaError, WebhookFault)


class ChangedEvents(Struct, frozen=True):
    """How many events a command has changed."""

    count: int


@asynccontextmanager
async def open_webhook_queue(settings: Settings) -> AsyncIterator[WebhookQueue]:
    """Opens the outbox for the block. The service may run at the same time.

    Raises WebhookFault where webhooks are off, and what `open_current_database` raises.
    """
    if settings.webhook_url is None:
        raise WebhookFault("webhooks are off here: set WEBHOOK_URL (docs/webhooks.md)")
    async with open_current_database(settings) as (database, schema):
        yield WebhookQueue(database, make_tables(schema.layout))


def print_change(line: str, count: int, ids: tuple[str, ...], *, as_json: bool) -> int:
    """Prints how many events were changed. Returns the status: 1 if some of `ids` were not."""
    print_done(f"{count:,} {line}", ChangedEvents(count), as_json=as_json)
    missing = len(set(ids)) - count if ids else 0
    if missing:
        print_message(f"{missing:,} of these are not there: `webhooks list` shows what is")
    return 1 if missing else 0
