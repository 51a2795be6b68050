"""What the rest of the service knows of the store beside the database: Better Auth's own terms."""

from collections.abc import Sequence
from typing import Protocol


class SecondaryStorage(Protocol):
    """Keys and texts that expire; `SecondaryStorage` of Better Auth 1.7.25.

    Everything here raises `StoreUnavailable` when the store can't be reached.
    """

    async def get(self, key: str) -> str | None: ...

    async def get_many(self, *keys: str) -> Sequence[str | None]:
        """`get` of each, in one question."""
        ...

    async def set(self, key: str, value: str, ttl: int | None = None) -> None:
        """Keep `value`, for `ttl` whole seconds; for ever without one, or with one below 1."""
        ...

    async def delete(self, *keys: str) -> None: ...

    async def get_and_delete(self, key: str) -> str | None:
        """In one step: of parallel callers one gets the value."""
        ...

    async def increment(self, key: str, ttl: int) -> int:
        """Count one more and say how many; the first one sets the `ttl`."""
        ...

    async def decrement(self, key: str) -> None:
        """Count one less, where something is counted; the time that is left stays."""
        ...

    async def swap(
        self, key: str, seen: str | None, value: str | None, ttl: int | None = None
    ) -> bool:
        """Put `value` in place of `seen`, None being nothing; False where something else is."""
        ...

    async def ping(self) -> None:
        """Returns when the store answers."""
        ...

    async def close(self) -> None: ...
