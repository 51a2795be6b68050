"""The interface of the secondary storage, as in Better Auth."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol


class SecondaryStorage(Protocol):
    """Stores texts that expire, by key: `SecondaryStorage` of Better Auth 1.7.25.

    Every method raises `StoreUnavailable` if the store cannot be reached.
    """

    async def get(self, key: str) -> str | None:
        """Returns the value of the key."""
        ...

    async def get_many(self, *keys: str) -> Sequence[str | None]:
        """Reads several keys in one request."""
        ...

    async def set(self, key: str, value: str, ttl: int | None = None) -> None:
        """Stores `value` for `ttl` whole seconds. Without `ttl`, or below 1, it never expires."""
        ...

    async def delete(self, *keys: str) -> None:
        """Deletes the keys that there are."""
        ...

    async def get_and_delete(self, key: str) -> str | None:
        """Reads and deletes in one step. Of parallel callers only one gets the value."""
        ...

    async def increment(self, key: str, ttl: int) -> int:
        """Adds one and returns the count. The first one sets `ttl`."""
        ...

    async def decrement(self, key: str) -> None:
        """Subtracts one if the count is above zero. The remaining time stays."""
        ...

    async def swap(
        self, key: str, seen: str | None, value: str | None, ttl: int | None = None
    ) -> bool:
        """Replaces `seen` by `value` (None: no value). Returns False if another value is there."""
        ...

    def scan(self, beginning: str) -> AsyncIterator[str]:
        """Yields the keys that begin so, in no order. It looks at all keys that there are.

        A key may come twice, because the store grows or shrinks meanwhile.
        """
        ...

    async def ping(self) -> None:
        """Returns if the store answers."""
        ...

    async def find_fault(self) -> str | None:
        """Returns why this store can never be used, in one line. Raises nothing."""
        ...

    async def close(self) -> None: ...
