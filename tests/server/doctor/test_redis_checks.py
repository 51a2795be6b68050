"""A real Redis: full, without a disk, read-only, away, and with a clock of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from redis import Redis

from app.models import clock
from app.server.doctor.finding import Finding, Result
from app.server.doctor.redis_checks import inspect_redis, judge_network
from app.settings.options import SessionOptions
from app.settings.settings import Settings
from app.storage.redis import RedisStorage
from app.storage.redis_state import describe_state
from tests.server.doctor.findings import by_result, worst
from tests.support.redis import RedisServer
from tests.support.secret import STRONG_SECRET

pytestmark = pytest.mark.anyio

ALONE = Settings(secret=STRONG_SECRET)
BESIDE = Settings(secret=STRONG_SECRET, session=SessionOptions(store_session_in_database=True))


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[RedisStorage]:
    storage = RedisStorage.open(url, "better-auth:")
    yield storage
    await storage.close()


async def inspect(server: RedisServer, settings: Settings = ALONE) -> list[Finding]:
    async with opened(server.url) as storage:
        return await inspect_redis(storage, settings)


def configure(server: RedisServer, **options: str) -> None:
    with Redis.from_url(server.url) as client:
        for name, value in options.items():
            client.config_set(name.replace("_", "-"), value)


async def test_server_that_keeps_all_is_fine_and_is_left_as_it_was(
    stoppable_redis: RedisServer,
) -> None:
    configure(stoppable_redis, appendonly="yes")
    found = await inspect(stoppable_redis)
    assert worst(found) == Result.OK
    assert any("append-only file" in each.line for each in found)
    with Redis.from_url(stoppable_redis.url) as client:
        assert client.dbsize() == 0


async def test_server_that_is_away_is_told_and_nothing_else(stoppable_redis: RedisServer) -> None:
    stoppable_redis.stop()
    (found,) = await inspect(stoppable_redis)
    assert (found.result, found.line[:25]) == (Result.WRONG, "Redis cannot be reached: ")


async def test_evicted_keys_are_sessions_that_end_early(stoppable_redis: RedisServer) -> None:
    configure(stoppable_redis, save="60 1", maxmemory_policy="allkeys-lru", maxmemory="100mb")
    (line,) = by_result(await inspect(stoppable_redis))[Result.WARNING]
    assert "maxmemory-policy is allkeys-lru" in line
    assert "sessions end early" in line
    (line,) = by_result(await inspect(stoppable_redis, BESIDE))[Result.WARNING]
    assert "rate limits forget" in line


async def test_server_without_a_disk_signs_everybody_out(stoppable_redis: RedisServer) -> None:
    (line,) = by_result(await inspect(stoppable_redis))[Result.WARNING]
    assert line.startswith("Redis keeps nothing on disk: its restart signs everybody out")
    assert worst(await inspect(stoppable_redis, BESIDE)) == Result.OK


async def test_server_that_takes_no_writes_is_told(stoppable_redis: RedisServer) -> None:
    configure(stoppable_redis, save="60 1", maxmemory="1mb")
    found = by_result(await inspect(stoppable_redis))[Result.WRONG]
    assert found[0].startswith("Redis takes no writes: ")


async def test_user_who_may_not_ask_learns_the_rest(stoppable_redis: RedisServer) -> None:
    with Redis.from_url(stoppable_redis.url) as client:
        client.execute_command("ACL", "SETUSER", "app", "on", ">pass", "~*", "+@all", "-config")
    url = stoppable_redis.url.replace("unix://", "unix://app:pass@")
    async with opened(url) as storage:
        found = await inspect_redis(storage, ALONE)
    assert worst(found) == Result.UNCHECKED
    assert "keeps its keys on disk" in by_result(found)[Result.UNCHECKED][0]


async def test_clock_that_is_wrong_is_told(stoppable_redis: RedisServer) -> None:
    configure(stoppable_redis, save="60 1")
    async with opened(stoppable_redis.url) as storage:
        late = await inspect_redis(storage, ALONE, now=lambda: clock.now() - timedelta(minutes=5))
    (line,) = by_result(late)[Result.WRONG]
    assert line.startswith("this machine is 300 s behind Redis")


def test_cluster_and_old_release_are_read_from_what_they_tell() -> None:
    told = {"redis_version": "6.0.16", "redis_mode": "cluster", "rdb_last_bgsave_status": "err"}
    state = describe_state(told, None, 0.0)
    assert (state.release, state.mode, state.save_failed) == ((6, 0), "cluster", True)
    assert (state.policy, state.keeps_on_disk) == (None, None)
    valkey = describe_state({"redis_version": "7.2.4", "valkey_version": "8.1.0"}, "", 0.0)
    assert (valkey.name, valkey.release, valkey.keeps_on_disk) == ("Valkey 8.1.0", (7, 2), False)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://cache.internal:6379/0", True),
        ("redis+sentinel://10.0.0.5:26379/main/0", True),
        ("rediss://cache.internal:6379/0", False),
        ("redis://localhost:6379", False),
        ("unix:///run/redis.sock", False),
    ],
)
def test_connection_that_others_can_read(url: str, told: bool) -> None:
    assert len([*judge_network(url)]) == told
