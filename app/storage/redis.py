"""Secondary storage in Redis or Valkey."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Final, Self

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import ClusterError, RedisError

from .outage import Outage
from .redis_pool import open_pool
from .redis_state import RedisState, describe_state

_NO_MASTER: Final = (
    "no Sentinel in REDIS_URL answers, or none has a server of that name that is up; if they ask"
    " for a password, add ?sentinel_password=…"
)
_CLUSTER: Final = (
    "it is in cluster mode, which this service does not use: name a server without it"
    " (cluster-enabled no), or a Sentinel, as in redis+sentinel://host:26379/service/0"
)
SCANNED: Final = 1000  # keys that Redis looks at in one step
_NOT_LITERAL: Final = re.compile(r"[\\*?\[\]^]")
# `@better-auth/redis-storage`: the time starts with the first and is never extended.
_INCREMENT: Final = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""
_DECREMENT: Final = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
"""
# An empty text stands for "nothing there" on both sides: what is kept is JSON, never empty.
_SWAP: Final = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1])
elseif tonumber(ARGV[3]) > 0 then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
else redis.call('SET', KEYS[1], ARGV[2]) end
return 1
"""


class RedisStorage:
    """See `app.storage.secondary.SecondaryStorage`; `@better-auth/redis-storage` 1.7.5.

    Needs Redis 6.2 or any Valkey. Connects at the first use and again after every fault, so that
    the service may start before its Redis and outlives its restarts.
    """

    def __init__(self, pool: BlockingConnectionPool, prefix: str) -> None:
        self._redis = Redis.from_pool(pool)
        self._prefix = prefix
        self._outage = Outage("Redis")

    @classmethod
    def open(cls, url: str, prefix: str = "") -> Self:
        """Returns the storage without connecting. `find_redis_url_fault` has checked `url`."""
        return cls(open_pool(url), prefix)

    async def get(self, key: str) -> str | None:
        with self._outage.watch(_find_fault):
            return _check_text(await self._redis.get(self._prefix + key))

    async def get_many(self, *keys: str) -> Sequence[str | None]:
        with self._outage.watch(_find_fault):
            found = await self._redis.mget([self._prefix + key for key in keys])
            return [_check_text(value) for value in found]

    async def set(self, key: str, value: str, ttl: int | None = None) -> None:
        kept = ttl if ttl is not None and ttl > 0 else None
        with self._outage.watch(_find_fault):
            await self._redis.set(self._prefix + key, value, ex=kept)

    async def delete(self, *keys: str) -> None:
        if keys:
            with self._outage.watch(_find_fault):
                await self._redis.delete(*(self._prefix + key for key in keys))

    async def get_and_delete(self, key: str) -> str | None:
        with self._outage.watch(_find_fault):
            return _check_text(await self._redis.getdel(self._prefix + key))

    async def increment(self, key: str, ttl: int) -> int:
        with self._outage.watch(_find_fault):
            return int(await self._redis.eval(_INCREMENT, 1, self._prefix + key, str(ttl)))

    async def decrement(self, key: str) -> None:
        with self._outage.watch(_find_fault):
            await self._redis.eval(_DECREMENT, 1, self._prefix + key)

    async def swap(
        self, key: str, seen: str | None, value: str | None, ttl: int | None = None
    ) -> bool:
        change = (seen or "", value or "", str(ttl or 0))
        with self._outage.watch(_find_fault):
            return bool(await self._redis.eval(_SWAP, 1, self._prefix + key, *change))

    async def scan(self, beginning: str) -> AsyncIterator[str]:
        start = self._prefix + beginning
        pattern = _NOT_LITERAL.sub(r"\\\g<0>", start) + "*"
        with self._outage.watch(_find_fault):
            async for key in self._redis.scan_iter(pattern, count=SCANNED):
                yield (_check_text(key) or "").removeprefix(self._prefix)

    async def ping(self) -> None:
        with self._outage.watch(_find_fault):
            await self._redis.ping()

    async def find_fault(self) -> str | None:
        try:
            cluster = await self._redis.info("cluster")
        except (RedisError, OSError):  # it is down, or this user may not ask
            return None
        return f"REDIS_URL: {_CLUSTER}" if cluster.get("cluster_enabled") else None

    async def read_state(self) -> RedisState:
        """Returns what the server tells about itself. Raises `StoreUnavailable`."""
        with self._outage.watch(_find_fault):
            info = await self._redis.info()
            seconds, microseconds = await self._redis.time()
        return describe_state(info, await self._find_save(), seconds + microseconds / 1e6)

    async def _find_save(self) -> str | None:
        """Returns when the server makes snapshots; None if this user may not ask."""
        try:
            return str((await self._redis.config_get("save")).get("save", ""))
        except RedisError:
            return None

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.aclose()


def _find_fault(error: Exception) -> BaseException | None:
    """Any fault is the same to a request: Redis is away, loading, read-only or full."""
    if isinstance(error, ClusterError):
        return RedisError(_CLUSTER)
    if isinstance(error, MasterNotFoundError):
        return RedisError(_NO_MASTER)
    return error if isinstance(error, RedisError | OSError) else None


def _check_text(value: bytes | str | None) -> str | None:
    assert not isinstance(value, bytes)  # `decode_responses`
    return value
