"""Counters in the memory of this process, with a limit."""

import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from math import ceil
from typing import Final, NamedTuple

from ...web.rate_rule import Rule

MAX_KEYS: Final = 100_000
_SWEPT_PER_NEW_KEY: Final = 2


class _Bucket(NamedTuple):
    hits: int
    last: float


class MemoryRateLimits:
    """See `RateLimits`. Nothing here waits, so each call is atomic.

    The counters of one rule are ordered by their last request. `clock` returns seconds and never
    goes back.
    """

    def __init__(
        self, *, max_keys: int = MAX_KEYS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_keys = max_keys
        self._clock = clock
        self._by_rule: dict[Rule, OrderedDict[str, _Bucket]] = {}
        self._remembered: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._by_rule.values()))

    @property
    def is_small(self) -> bool:
        return True

    @property
    def is_shared(self) -> bool:
        return False

    async def find_wait(self, key: str, rule: Rule) -> int | None:
        bucket = self._by_rule.get(rule, OrderedDict()).get(key)
        age = self._clock() - bucket.last if bucket is not None else rule.window
        is_full = bucket is not None and bucket.hits >= rule.max and age < rule.window
        return ceil(rule.window - age) if is_full else None

    async def read_full(self, beginning: str, rule: Rule) -> AsyncIterator[tuple[str, int]]:
        for key in [*self._by_rule.get(rule, ())]:
            wait = await self.find_wait(key, rule) if key.startswith(beginning) else None
            if wait is not None:
                yield key, wait

    async def consume(self, key: str, rule: Rule) -> int | None:
        now = self._clock()
        buckets = self._by_rule.setdefault(rule, OrderedDict())
        bucket = buckets.get(key)
        if bucket is None:
            self._make_room(now)
            buckets[key] = _Bucket(1, now)
            return None
        age = now - bucket.last
        if age < rule.window and bucket.hits >= rule.max:
            return ceil(rule.window - age)
        buckets[key] = _Bucket(bucket.hits + 1 if age < rule.window else 1, now)
        buckets.move_to_end(key)
        return None

    async def release(self, key: str, rule: Rule) -> None:
        bucket = self._by_rule.get(rule, OrderedDict()).get(key)
        if bucket is not None:
            self._by_rule[rule][key] = bucket._replace(hits=max(0, bucket.hits - 1))

    async def clear(self, key: str, rule: Rule) -> None:
        self._by_rule.get(rule, OrderedDict()).pop(key, None)

    async def remember(self, key: str, seconds: int) -> None:
        self._remembered[key] = self._clock() + seconds
        self._remembered.move_to_end(key)
        if len(self._remembered) > self._max_keys:
            self._remembered.popitem(last=False)

    async def is_remembered(self, key: str) -> bool:
        return self._remembered.get(key, 0) > self._clock()

    def _make_room(self, now: float) -> None:
        for rule, buckets in self._by_rule.items():
            _sweep(buckets, now - rule.window)
        if len(self) >= self._max_keys:
            # The fullest gives way: a flood of other requests never evicts sign-ins' counters.
            max(self._by_rule.values(), key=len).popitem(last=False)


def _sweep(buckets: OrderedDict[str, _Bucket], expired: float) -> None:
    """Removes a few expired counters, more than are added."""
    for _ in range(_SWEPT_PER_NEW_KEY):
        oldest = next(iter(buckets.values()), None)
        if oldest is None or oldest.last > expired:
            return
        buckets.popitem(last=False)
