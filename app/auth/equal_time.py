"""The same time for every outcome, so that the time of a response reveals nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def take_at_least(seconds: float) -> AsyncIterator[None]:
    """Runs the block and then waits until `seconds` have passed, also if the block raises."""
    start = time.monotonic()
    try:
        yield
    finally:
        await wait_until(start + seconds)


async def wait_until(end: float) -> None:
    """Waits until `time.monotonic()` is `end`. Holds no thread."""
    await asyncio.sleep(max(0.0, end - time.monotonic()))
