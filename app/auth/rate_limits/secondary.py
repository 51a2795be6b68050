"""Counters in secondary storage, with a fixed window from the first request."""

from collections.abc import AsyncIterator

from ...storage.secondary import SecondaryStorage
from ...web.rate_rule import Rule


class StorageRateLimits:
    """See `RateLimits`. As in the original, the wait is the whole window."""

    def __init__(self, storage: SecondaryStorage) -> None:
        self._storage = storage

    @property
    def is_small(self) -> bool:
        return False

    @property
    def is_shared(self) -> bool:
        return True

    async def find_wait(self, key: str, rule: Rule) -> int | None:
        return rule.window if _is_full(await self._storage.get(key), rule) else None

    async def read_full(self, beginning: str, rule: Rule) -> AsyncIterator[tuple[str, int]]:
        async for key in self._storage.scan(beginning):
            if _is_full(await self._storage.get(key), rule):
                yield key, rule.window

    async def consume(self, key: str, rule: Rule) -> int | None:
        count = await self._storage.increment(key, rule.window)
        if count <= rule.max:
            return None
        await self._storage.decrement(key)
        return rule.window

    async def release(self, key: str, rule: Rule) -> None:
        await self._storage.decrement(key)

    async def clear(self, key: str, rule: Rule) -> None:
        await self._storage.delete(key)

    async def remember(self, key: str, seconds: int) -> None:
        await self._storage.set(key, "1", seconds)

    async def is_remembered(self, key: str) -> bool:
        return await self._storage.get(key) is not None


def _is_full(count: str | None, rule: Rule) -> bool:
    return count is not None and count.isdecimal() and int(count) >= rule.max
