import asyncio
import logging
import time

import pytest
from redis.asyncio import Redis

from app.models.errors import StoreUnavailable
from app.storage.redis import RedisStorage
from tests.support.redis import RedisServer

pytestmark = pytest.mark.anyio


async def ttl(url: str, key: str) -> int:
    async with Redis.from_url(url) as client:
        return int(await client.ttl(key))


async def test_what_was_set_is_there_until_it_is_deleted(storage: RedisStorage) -> None:
    await storage.set("a", "one")
    await storage.set("b", "zwölf")
    assert [await storage.get("a"), await storage.get("b")] == ["one", "zwölf"]
    await storage.delete("a", "b", "never there")
    assert [await storage.get("a"), await storage.get("b")] == [None, None]


async def test_deleting_nothing_is_allowed(storage: RedisStorage) -> None:
    await storage.delete()


@pytest.mark.parametrize(("given", "kept"), [(60, 60), (None, -1), (0, -1), (-5, -1)])
async def test_value_lives_for_its_time_or_for_ever(
    storage: RedisStorage, redis_url: str, given: int | None, kept: int
) -> None:
    await storage.set("a", "one", given)
    assert await ttl(redis_url, "a") == kept
    assert await storage.swap("b", None, "one", given)
    assert await ttl(redis_url, "b") == kept


async def test_of_parallel_takers_one_gets_the_value(storage: RedisStorage) -> None:
    await storage.set("a", "one")
    taken = await asyncio.gather(*(storage.get_and_delete("a") for _ in range(20)))
    assert sorted(map(str, taken)) == ["None"] * 19 + ["one"]


async def test_every_parallel_increment_counts(storage: RedisStorage) -> None:
    counts = await asyncio.gather(*(storage.increment("a", 60) for _ in range(20)))
    assert sorted(counts) == list(range(1, 21))


async def test_first_increment_sets_the_time_and_no_other_extends_it(
    storage: RedisStorage, redis_url: str
) -> None:
    await storage.increment("a", 30)
    await storage.increment("a", 600)
    assert await ttl(redis_url, "a") <= 30


async def test_swap_happens_only_where_the_seen_value_still_is(storage: RedisStorage) -> None:
    assert not await storage.swap("a", "one", "two")
    assert await storage.swap("a", None, "one")
    assert not await storage.swap("a", None, "two")
    assert not await storage.swap("a", "other", None)
    assert await storage.swap("a", "one", "two")
    assert await storage.get("a") == "two"
    assert await storage.swap("a", "two", None)
    assert await storage.get("a") is None


async def test_of_parallel_swaps_one_happens(storage: RedisStorage) -> None:
    await storage.set("a", "0")
    swaps = (storage.swap("a", "0", str(number)) for number in range(1, 21))
    assert sum(await asyncio.gather(*swaps)) == 1


async def test_prefix_is_before_every_key(redis_url: str) -> None:
    prefixed = RedisStorage.open(redis_url, "better-auth:")
    await prefixed.set("set", "1")
    await prefixed.increment("counted", 60)
    await prefixed.swap("swapped", None, "1")
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        found = await client.keys("*")
    assert sorted(found) == [f"better-auth:{key}" for key in ("counted", "set", "swapped")]
    await prefixed.delete("set")
    assert await prefixed.get("set") is None
    assert await prefixed.get_and_delete("counted") == "1"
    await prefixed.close()


async def test_more_callers_than_connections_wait_for_one(storage: RedisStorage) -> None:
    await asyncio.gather(*(storage.set(str(number), "1") for number in range(500)))
    assert await storage.get("499") == "1"


async def test_server_that_was_never_there_is_a_refusal_within_its_time() -> None:
    away = RedisStorage.open("redis://user:s3cret@127.0.0.1:1/0")
    began = time.monotonic()
    for command in (away.get("a"), away.increment("a", 1), away.ping()):
        with pytest.raises(StoreUnavailable):
            await command
    assert time.monotonic() - began < 2
    await away.close()


async def test_server_that_does_not_answer_is_a_refusal(stoppable_redis: RedisServer) -> None:
    storage = RedisStorage.open(stoppable_redis.url)
    async with Redis.from_url(stoppable_redis.url) as client:
        await client.client_pause(60_000, all=True)
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await storage.get("a")
    assert 1 < time.monotonic() - began < 4.5
    await storage.close()


async def test_storage_is_back_with_its_server(stoppable_redis: RedisServer) -> None:
    storage = RedisStorage.open(stoppable_redis.url)
    await asyncio.gather(*(storage.set(str(number), "1") for number in range(10)))
    stoppable_redis.stop()
    with pytest.raises(StoreUnavailable):
        await storage.get("1")
    stoppable_redis.start()
    # Every connection of the pool died: none of them may be noticed.
    answers = await asyncio.gather(*(storage.get(str(number)) for number in range(20)))
    assert answers == [None] * 20
    await storage.close()


async def test_connections_that_died_unnoticed_are_made_anew(stoppable_redis: RedisServer) -> None:
    storage = RedisStorage.open(stoppable_redis.url)
    await storage.set("a", "1")
    stoppable_redis.stop()
    stoppable_redis.start()
    assert await storage.get("a") is None
    await storage.close()


async def test_server_that_refuses_to_write_is_a_refusal(stoppable_redis: RedisServer) -> None:
    storage = RedisStorage.open(stoppable_redis.url)
    async with Redis.from_url(stoppable_redis.url) as client:
        await client.replicaof("127.0.0.1", 1)
    with pytest.raises(StoreUnavailable):
        await storage.set("a", "1")
    await storage.close()


async def test_fault_is_one_line_in_the_log_without_the_password(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = RedisStorage.open("redis://user:s3cret@127.0.0.1:1/0")
    with pytest.raises(StoreUnavailable):
        await away.get("a key of a session")
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    reason = record.__dict__["facts"]["reason"]
    assert "127.0.0.1:1" in reason
    assert "s3cret" not in reason + caplog.text
    assert "a key" not in reason + caplog.text
    await away.close()


async def test_command_that_the_server_does_not_know_leaves_no_key_in_the_log(
    stoppable_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Redis before 6.2 says what came with it, which may be a token that still works."""
    stoppable_redis.stop()
    stoppable_redis.options = ("--rename-command", "GETDEL", "")
    stoppable_redis.start()
    storage = RedisStorage.open(stoppable_redis.url)
    with pytest.raises(StoreUnavailable):
        await storage.get_and_delete("verification:reset-password:a-token")
    await storage.close()
    (reason,) = [record.__dict__["facts"]["reason"] for record in caplog.records]
    assert "unknown command" in reason
    assert "a-token" not in reason + caplog.text


async def test_keys_are_found_by_how_they_begin(redis_url: str) -> None:
    """A prefix has no wildcards, whatever is in it."""
    mine, theirs = (RedisStorage.open(redis_url, prefix) for prefix in ("a[b]*?:", "ab:"))
    for name in (*(f"x-{number}" for number in range(50)), "y-1"):
        await mine.set(name, "1")
        await theirs.set(name, "1")
    assert {key async for key in mine.scan("x-")} == {f"x-{number}" for number in range(50)}
    assert [key async for key in mine.scan("z")] == []
    await mine.close()
    await theirs.close()
