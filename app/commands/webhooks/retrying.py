"""`python -m app webhooks retry`."""

import asyncio

from ...settings.settings import Settings
from ..console import load_settings
from .opening import FAULTS, open_webhook_queue, print_change

__all__ = ["FAULTS", "run"]


def run(*, ids: tuple[str, ...], everything: bool, as_json: bool) -> int:
    """Makes events due now. The service sends them. Returns 1 if an id is not there."""
    count = asyncio.run(_retry(load_settings(), None if everything else ids))
    return print_change("webhooks are sent again", count, ids, as_json=as_json)


async def _retry(settings: Settings, ids: tuple[str, ...] | None) -> int:
    async with open_webhook_queue(settings) as queue:
        return await queue.retry(ids)
