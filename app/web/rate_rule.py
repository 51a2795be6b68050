"""Rate limit rules, and the interface of the counters."""

from collections.abc import AsyncIterator
from typing import Final, NamedTuple, Protocol


class Rule(NamedTuple):
    """At most `max` requests, until `window` seconds have passed since the last allowed one."""

    window: int
    max: int


FAILURES: Final = Rule(window=15 * 60, max=10)  # wrong passwords of an account


class RateLimits(Protocol):
    """Counts by key. Every method is atomic: parallel requests cannot exceed `max`.

    Raises `StoreUnavailable`: without a counter nothing is allowed. `is_small`: there is room for
    few keys only. `is_shared`: all processes count together.
    """

    @property
    def is_small(self) -> bool: ...

    @property
    def is_shared(self) -> bool: ...

    async def consume(self, key: str, rule: Rule) -> int | None:
        """Counts a request. If it is one too many, returns the seconds to wait instead."""
        ...

    async def find_wait(self, key: str, rule: Rule) -> int | None:
        """Returns the seconds for which a request would be refused, at most. It counts nothing."""
        ...

    def read_full(self, beginning: str, rule: Rule) -> AsyncIterator[tuple[str, int]]:
        """Yields each key that begins so whose request would be refused, with the seconds."""
        ...

    async def release(self, key: str, rule: Rule) -> None:
        """Removes one counted request."""
        ...

    async def clear(self, key: str, rule: Rule) -> None:
        """Sets the count to zero."""
        ...

    async def remember(self, key: str, seconds: int) -> None:
        """Stores a key for these seconds. It must not be the key of a counter."""
        ...

    async def is_remembered(self, key: str) -> bool:
        """Whether the key is stored."""
        ...
