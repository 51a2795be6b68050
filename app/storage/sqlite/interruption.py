"""Ends a search that takes too long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import PoolProxiedConnection


@asynccontextmanager
async def interrupt_after(seconds: float, connection: AsyncConnection) -> AsyncIterator[None]:
    """Interrupts what the connection does in the block when so many seconds have passed."""
    timer = asyncio.create_task(_interrupt(seconds, await connection.get_raw_connection()))
    try:
        yield
    finally:
        timer.cancel()


async def _interrupt(seconds: float, connection: PoolProxiedConnection) -> None:
    await asyncio.sleep(seconds)
    await connection.driver_connection.interrupt()  # type: ignore[union-attr]  # aiosqlite's
