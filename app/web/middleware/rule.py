"""How often something may happen, and where that is counted."""

from typing import Final, NamedTuple, Protocol


class Rule(NamedTuple):
    """At most `max` times, until none was allowed for `window` seconds."""

    window: int
    max: int


FAILURES: Final = Rule(window=15 * 60, max=10)  # wrong passwords of an account


class RateLimits(Protocol):
    """Counts by key. Every step is atomic: of parallel ones no more are allowed than `max`.

    Raises `StoreUnavailable`: where nothing can be counted, nothing is allowed. `is_small` says
    that there is room for few keys.
    """

    @property
    def is_small(self) -> bool: ...

    async def consume(self, key: str, rule: Rule) -> int | None:
        """Count one more; seconds to wait where it is one too many, which then does not count."""
        ...

    async def release(self, key: str, rule: Rule) -> None:
        """Take one back that should not have counted."""
        ...

    async def clear(self, key: str, rule: Rule) -> None:
        """Forget what was counted."""
        ...

    async def remember(self, key: str, seconds: int) -> None:
        """Keep a key in mind for so long from now; a counter has another one."""
        ...

    async def remembers(self, key: str) -> bool: ...
