"""Secondary storage with a span for each command: which one, never a key or a value."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager

from ..models.telemetry.spans import SpanRecorder, measure
from .secondary import SecondaryStorage


class TracedStorage:
    """See `SecondaryStorage`."""

    def __init__(self, storage: SecondaryStorage, recorder: SpanRecorder) -> None:
        self._storage = storage
        self._recorder = recorder

    async def get(self, key: str) -> str | None:
        with self._measure("GET"):
            return await self._storage.get(key)

    async def get_many(self, *keys: str) -> Sequence[str | None]:
        with self._measure("MGET"):
            return await self._storage.get_many(*keys)

    async def set(self, key: str, value: str, ttl: int | None = None) -> None:
        with self._measure("SET"):
            await self._storage.set(key, value, ttl)

    async def delete(self, *keys: str) -> None:
        with self._measure("DEL"):
            await self._storage.delete(*keys)

    async def get_and_delete(self, key: str) -> str | None:
        with self._measure("GETDEL"):
            return await self._storage.get_and_delete(key)

    async def increment(self, key: str, ttl: int) -> int:
        with self._measure("EVAL", "increment"):
            return await self._storage.increment(key, ttl)

    async def decrement(self, key: str) -> None:
        with self._measure("EVAL", "decrement"):
            await self._storage.decrement(key)

    async def swap(
        self, key: str, seen: str | None, value: str | None, ttl: int | None = None
    ) -> bool:
        with self._measure("EVAL", "swap"):
            return await self._storage.swap(key, seen, value, ttl)

    async def scan(self, beginning: str) -> AsyncIterator[str]:
        with self._measure("SCAN"):
            async for key in self._storage.scan(beginning):
                yield key

    async def ping(self) -> None:
        with self._measure("PING"):
            await self._storage.ping()

    async def find_fault(self) -> str | None:
        return await self._storage.find_fault()

    async def close(self) -> None:
        await self._storage.close()

    def _measure(self, command: str, script: str | None = None) -> AbstractContextManager[None]:
        name = command if script is None else f"{command} {script}"
        attributes = {"db.system.name": "redis", "db.operation.name": command}
        return measure(self._recorder, name, attributes)
