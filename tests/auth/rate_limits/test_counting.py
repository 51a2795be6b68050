"""What holds wherever requests are counted, and what only some places do."""

import asyncio

import pytest
from redis import Redis

from app.web.rate_rule import RateLimits, Rule
from tests.auth.rate_limits.conftest import Clock

pytestmark = pytest.mark.anyio

RULE = Rule(window=10, max=3)
SLIDING = pytest.mark.parametrize("place", ["memory", "sqlite", "postgres"], indirect=True)
TABLES = pytest.mark.parametrize("place", ["sqlite", "postgres"], indirect=True)


async def hits(limits: RateLimits, count: int, key: str = "a") -> list[int | None]:
    return [await limits.consume(key, RULE) for _ in range(count)]


async def test_fourth_of_three_waits(limits: RateLimits) -> None:
    assert await hits(limits, 5) == [None, None, None, 10, 10]


async def test_keys_are_counted_apart(limits: RateLimits) -> None:
    await hits(limits, 4)
    assert await hits(limits, 1, "b") == [None]


async def test_fifty_at_once_are_three(limits: RateLimits) -> None:
    """PR #9993: parallel requests slipped past the limit."""
    found = await asyncio.gather(*(limits.consume("a", RULE) for _ in range(50)))
    assert found.count(None) == 3


async def test_released_one_may_be_taken_again(limits: RateLimits) -> None:
    await hits(limits, 3)
    await limits.release("a", RULE)
    assert await hits(limits, 2) == [None, 10]


async def test_refused_ones_do_not_count(limits: RateLimits) -> None:
    await hits(limits, 9)
    await limits.release("a", RULE)
    assert await hits(limits, 2) == [None, 10]


async def test_nothing_is_released_below_nothing(limits: RateLimits) -> None:
    for _ in range(3):
        await limits.release("a", RULE)
    assert await hits(limits, 4) == [None, None, None, 10]


async def test_cleared_key_begins_anew(limits: RateLimits) -> None:
    await hits(limits, 4)
    await limits.clear("a", RULE)
    assert await hits(limits, 4) == [None, None, None, 10]


async def test_key_that_is_remembered_is_not_counted(limits: RateLimits) -> None:
    assert not await limits.is_remembered("b")
    await limits.remember("b", 60)
    assert await limits.is_remembered("b")
    assert not await limits.is_remembered("a")
    assert await hits(limits, 4) == [None, None, None, 10]


@SLIDING
async def test_key_is_remembered_for_its_time_from_the_last_on(
    limits: RateLimits, clock: Clock
) -> None:
    for _ in range(2):
        await limits.remember("a", 60)
        clock.seconds += 59
        assert await limits.is_remembered("a")
    clock.seconds += 1
    assert not await limits.is_remembered("a")


@pytest.mark.parametrize("place", ["redis"], indirect=True)
async def test_redis_remembers_for_a_time(limits: RateLimits, place: tuple[str, str]) -> None:
    await limits.remember("a", 60)
    with Redis.from_url(place[1]) as client:
        assert 0 < client.ttl("a") <= 60


@SLIDING
async def test_window_restarts_at_every_allowed_request(limits: RateLimits, clock: Clock) -> None:
    for _ in range(3):
        assert await hits(limits, 1) == [None]
        clock.seconds += 6
    assert await hits(limits, 1) == [4]
    clock.seconds += 3.5
    assert await hits(limits, 1) == [1]
    clock.seconds += 0.5
    assert await hits(limits, 4) == [None, None, None, 10]


@SLIDING
async def test_refused_request_does_not_prolong_the_wait(limits: RateLimits, clock: Clock) -> None:
    await hits(limits, 3)
    for second in range(1, 10):
        clock.seconds += 1
        assert await hits(limits, 1) == [10 - second]
    clock.seconds += 1
    assert await hits(limits, 1) == [None]
