"""`python -m app webhooks list`."""

import asyncio
from collections.abc import Sequence

from ...auth.webhooks.queue import ListedEvent
from ...settings.settings import Settings
from ..console import load_settings, print_message
from ..output import print_rows
from .opening import FAULTS, open_webhook_queue

__all__ = ["FAULTS", "run"]


def run(*, dead_only: bool, limit: int, as_json: bool) -> int:
    """Lists events that wait and those that were given up, without what they tell."""
    found = asyncio.run(_list(load_settings(), limit, dead_only=dead_only))
    print_rows(found, as_json=as_json)
    if not found:
        print_message("Nothing was given up." if dead_only else "Everything is delivered.")
    return 0


async def _list(settings: Settings, limit: int, *, dead_only: bool) -> Sequence[ListedEvent]:
    async with open_webhook_queue(settings) as queue:
        return await queue.list_events(limit, dead_only=dead_only)
