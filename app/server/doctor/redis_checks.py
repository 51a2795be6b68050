"""Checks of Redis or Valkey: reachable, writable, and what it forgets."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from secrets import token_hex
from typing import Final
from urllib.parse import urlsplit

from ...models.clock import now as clock
from ...models.errors import StoreUnavailable
from ...settings.settings import Settings
from ...storage.redis import RedisStorage
from ...storage.redis_state import RedisState
from ...storage.unreachable import get_driver_message
from .database_checks import judge_clock
from .finding import Finding, Result
from .hosts import is_local

OLDEST: Final = (6, 2)
_CHECK: Final = "redis"
_PLAIN: Final = frozenset({"redis", "redis+sentinel"})
_KEEPS: Final = "noeviction"
_SECONDS: Final = 5  # that a key of the write test lives if it is not deleted


async def inspect_redis(
    storage: RedisStorage, settings: Settings, now: Callable[[], datetime] = clock
) -> list[Finding]:
    """Pings, writes a key that goes at once, and reads the settings of the server."""
    try:
        await storage.ping()
    except StoreUnavailable as refusal:
        line = f"Redis cannot be reached: {get_driver_message(refusal.__cause__)}"
        remedy = "start it, or correct REDIS_URL: without it every request with a session is 503"
        return [Finding(_CHECK, Result.WRONG, line, remedy)]
    found = [await _try_write(storage)]
    before = now()
    try:
        state = await storage.read_state()
    except StoreUnavailable as refusal:
        line = f"its settings: {get_driver_message(refusal.__cause__)}"
        return [*found, Finding(_CHECK, Result.UNCHECKED, line)]
    there = datetime.fromtimestamp(state.time, UTC)
    is_alone = not settings.session.store_session_in_database
    found += judge_network(settings.redis_url or "")
    found += _judge_release(state)
    found += _judge_eviction(state, is_alone=is_alone)
    found += _judge_persistence(state, is_alone=is_alone)
    return [*found, judge_clock("Redis", there, (before, now()))]


async def _try_write(storage: RedisStorage) -> Finding:
    try:
        await storage.set(key := f"doctor:{token_hex(8)}", "1", _SECONDS)
        await storage.delete(key)
    except StoreUnavailable as refusal:
        line = f"Redis takes no writes: {get_driver_message(refusal.__cause__)}"
        remedy = "REDIS_URL must name a primary with room, and a user who may write these keys"
        return Finding(_CHECK, Result.WRONG, line, remedy)
    return Finding(_CHECK, Result.OK, "answers, and a key can be written (and was deleted)")


def judge_network(url: str) -> Iterator[Finding]:
    """Judges whether others can read what goes to Redis: sessions with their tokens."""
    split = urlsplit(url)
    if split.scheme in _PLAIN and split.hostname and not is_local(split.hostname):
        line = "the connection to Redis is not encrypted: others in that network can read sessions"
        remedy = "use rediss:// (docs/redis.md), or a network that nobody else is in"
        yield Finding(_CHECK, Result.WARNING, line, remedy)


def _judge_release(state: RedisState) -> Iterator[Finding]:
    if state.mode == "cluster":
        line = "this is a cluster, whose keys lie on several servers"
        yield Finding(_CHECK, Result.WRONG, line, "use one primary with replicas: docs/redis.md")
    if state.release < OLDEST:
        line = f"{state.name} is older than Redis 6.2"
        yield Finding(_CHECK, Result.WRONG, line, "upgrade it: needed commands are missing")
    else:
        yield Finding(_CHECK, Result.OK, state.name)


def _judge_eviction(state: RedisState, *, is_alone: bool) -> Iterator[Finding]:
    """With sessions in Redis alone, a key that is evicted is a user who is signed out."""
    if state.policy is None:
        line = "this server does not tell its maxmemory-policy"
        yield Finding(_CHECK, Result.UNCHECKED, line)
    elif state.policy != _KEEPS:
        lost = "sessions end early" if is_alone else "rate limits forget, and caches are cold"
        line = f"maxmemory-policy is {state.policy}: when memory is full, {lost}"
        if state.evicted:
            line += f" (it evicted {state.evicted} keys already)"
        remedy = "CONFIG SET maxmemory-policy noeviction, and in redis.conf"
        yield Finding(_CHECK, Result.WARNING, line, remedy)
    else:
        yield Finding(_CHECK, Result.OK, "no key is evicted (maxmemory-policy noeviction)")


def _judge_persistence(state: RedisState, *, is_alone: bool) -> Iterator[Finding]:
    if state.save_failed:
        line = "the last snapshot failed, and Redis may refuse writes until one succeeds"
        yield Finding(_CHECK, Result.WARNING, line, "look at its log, and at the room on its disk")
    if state.keeps_on_disk is None:
        line = "this server does not tell whether it keeps its keys on disk"
        yield Finding(_CHECK, Result.UNCHECKED, line)
    elif state.keeps_on_disk:
        how = "append-only file" if state.appends else "snapshots"
        yield Finding(_CHECK, Result.OK, f"keeps its keys on disk ({how})")
    elif is_alone:
        line = "Redis keeps nothing on disk: its restart signs everybody out"
        remedy = (
            "CONFIG SET appendonly yes, and in redis.conf; or"
            " BETTER_AUTH_SESSION_STORE_SESSION_IN_DATABASE=true"
        )
        yield Finding(_CHECK, Result.WARNING, line, remedy)
    else:
        yield Finding(_CHECK, Result.OK, "keeps nothing on disk; sessions are in the database, too")
