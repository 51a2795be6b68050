"""`python -m app webhooks skip`."""

import asyncio

from ...settings.settings import Settings
from ..console import load_settings
from .opening import FAULTS, open_webhook_queue, print_change

__all__ = ["FAULTS", "run"]


def run(*, ids: tuple[str, ...], everything: bool, as_json: bool) -> int:
    """Gives events up. `retry` can still send them. Returns 1 if an id does not wait."""
    count = asyncio.run(_skip(load_settings(), None if everything else ids))
    return print_change("webhooks are given up", count, ids, as_json=as_json)


async def _skip(settings: Settings, ids: tuple[str, ...] | None) -> int:
    async with open_webhook_queue(settings) as queue:
        return await queue.skip(ids)
