"""The rate limiter of Better Auth (`onRequestRateLimit`, 1.7.7), kept in memory."""

from collections import OrderedDict
from collections.abc import Container
from math import ceil
from typing import NamedTuple
from zlib import crc32

from app.settings import RateLimitPolicy

MAX_KEYS = 100_000
_SWEPT_PER_NEW_KEY = 2
# A path that is no route counts in one of a few slots per client and rule, or a single client could
# invent paths until everybody else's counters had to give way.
_SLOTS = 16
_NO_IP = "no-trusted-ip"
_GUESSING = ("/sign-in", "/sign-up", "/change-password", "/change-email")
_MAILING = frozenset(("/request-password-reset", "/send-verification-email"))


class Rule(NamedTuple):
    """At most `max` requests, until none was allowed for `window` seconds."""

    window: int
    max: int


class _Bucket(NamedTuple):
    hits: int
    last: float


GUESSING = Rule(window=10, max=3)
MAILING = Rule(window=60, max=3)


def rule_for(path: str, policy: RateLimitPolicy) -> Rule:
    """The rule for a path below the base path, see `paths.limiter_path`."""
    if path.startswith(_GUESSING):
        return GUESSING
    if path in _MAILING or path.startswith("/forget-password"):
        return MAILING
    return Rule(policy.window, policy.max)


class RateLimiter:
    """Counts requests per client and path of `routes`; at most `max_keys` counters are kept.

    Synchronous, so one call is one atomic step and parallel requests can't slip past.
    Counters under one rule lie in the order of their last request: the oldest is first.
    """

    def __init__(
        self, policy: RateLimitPolicy, routes: Container[str], *, max_keys: int = MAX_KEYS
    ) -> None:
        self._policy = policy
        self._routes = routes
        self._max_keys = max_keys
        self._by_rule: dict[Rule, OrderedDict[str, _Bucket]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._by_rule.values()))

    def hit(self, ip: str, path: str, now: float) -> int | None:
        """Count a request; seconds to wait (`X-Retry-After`) when it is one too many.

        `now` is in seconds of any clock that never runs backwards; an empty `ip` means unknown:
        all unknown clients share one counter per path. A refused request does not count.
        """
        rule = rule_for(path, self._policy)
        buckets = self._by_rule.setdefault(rule, OrderedDict())
        key = f"{ip or _NO_IP}|{path if path in self._routes else _slot(path)}"
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

    def _make_room(self, now: float) -> None:
        for rule, buckets in self._by_rule.items():
            _sweep(buckets, now - rule.window)
        if len(self) >= self._max_keys:
            # The fullest gives way: a flood of other requests never evicts sign-ins' counters.
            max(self._by_rule.values(), key=len).popitem(last=False)


def _slot(path: str) -> int:
    return crc32(path.encode("utf-8")) % _SLOTS


def _sweep(buckets: OrderedDict[str, _Bucket], expired: float) -> None:
    """Drop a few expired counters: more than come in, so the rest is never far behind."""
    for _ in range(_SWEPT_PER_NEW_KEY):
        oldest = next(iter(buckets.values()), None)
        if oldest is None or oldest.last > expired:
            return
        buckets.popitem(last=False)
