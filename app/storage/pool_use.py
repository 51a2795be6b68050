"""Counts who uses the connections of a pool, and who waits for one."""

import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

from ..models.telemetry.metrics import (
    POOL_LIMIT,
    POOL_SECONDS,
    POOL_USED,
    POOL_WAITING,
    PoolName,
)

T = TypeVar("T")


class PoolUse:
    """The use of one pool with `limit` connections. Costs nothing while nobody records metrics."""

    def __init__(self, pool: PoolName, limit: int) -> None:
        self._pool = pool
        self._is_on = POOL_USED.record is not None
        POOL_LIMIT.change(pool, by=limit)

    def watch(self, borrowed: AbstractAsyncContextManager[T]) -> AbstractAsyncContextManager[T]:
        """Returns the block that has a connection, watched if metrics are on."""
        return self._watch(borrowed) if self._is_on else borrowed

    @asynccontextmanager
    async def _watch(self, borrowed: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
        start, waiting = time.perf_counter(), True
        POOL_WAITING.change(self._pool, by=1)
        try:
            async with borrowed as connection:
                waiting = False
                POOL_WAITING.change(self._pool, by=-1)
                POOL_USED.change(self._pool, by=1)
                POOL_SECONDS.observe(time.perf_counter() - start, self._pool)
                try:
                    yield connection
                finally:
                    POOL_USED.change(self._pool, by=-1)
        finally:
            if waiting:  # there was no connection in time
                POOL_WAITING.change(self._pool, by=-1)
                POOL_SECONDS.observe(time.perf_counter() - start, self._pool)
