"""Verification values that are spent for nothing else."""

from collections.abc import Awaitable
from datetime import datetime

from app.auth.verifications.database import Verifications


class Failed(Exception):
    """What a value was to pay for."""


async def consume(kept: Verifications, identifier: str, now: datetime) -> str | None:
    async with kept.consume(identifier, now) as (_, value):
        return value


async def fail_to_use(
    kept: Verifications, identifier: str, now: datetime, meanwhile: Awaitable[None] | None = None
) -> None:
    """Raises Failed, as what the value pays for does."""
    async with kept.consume(identifier, now):
        if meanwhile is not None:
            await meanwhile
        raise Failed
