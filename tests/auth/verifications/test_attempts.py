"""Values that somebody guesses: each guess sees what the one before left."""

import asyncio
from datetime import timedelta

import pytest

from app.auth.verifications.database import DatabaseVerifications, Verifications
from app.auth.verifications.secondary import MirroredVerifications, StoredVerifications
from app.models.clock import now as clock
from app.settings.options import VerificationOptions
from app.storage.database import Database, open_database
from app.storage.redis import RedisStorage
from tests.support.spending import Failed
from tests.support.tables import TABLES

pytestmark = pytest.mark.anyio

NOW = clock()
HOUR = timedelta(hours=1)
NAME = "sign-in-otp-ada@example.com"


@pytest.fixture
def rows(database: Database) -> DatabaseVerifications:
    return DatabaseVerifications(database, TABLES, VerificationOptions())


@pytest.fixture(params=["database", "redis", "both"])
def kept(
    request: pytest.FixtureRequest, rows: DatabaseVerifications, storage: RedisStorage
) -> Verifications:
    stored = StoredVerifications(
        storage, VerificationOptions(), request.getfixturevalue("database")
    )
    both = MirroredVerifications(stored, rows)
    every: dict[str, Verifications] = {"database": rows, "redis": stored, "both": both}
    return every[request.param]


async def count_up(kept: Verifications) -> str | None:
    async with kept.attempt(NAME, NOW) as attempt:
        if attempt.value is not None:
            attempt.keep(str(int(attempt.value) + 1))
        return attempt.value


async def test_value_that_is_kept_has_its_old_expiry(kept: Verifications) -> None:
    await kept.put(NAME, "0", NOW + HOUR, NOW)
    assert await count_up(kept) == "0"
    assert await kept.find(NAME, NOW) == "1"
    assert await kept.find(NAME, NOW + HOUR + timedelta(seconds=1)) is None


async def test_value_that_is_not_kept_is_gone(kept: Verifications) -> None:
    await kept.put(NAME, "0", NOW + HOUR, NOW)
    async with kept.attempt(NAME, NOW) as attempt:
        assert attempt.value == "0"
    assert await kept.find(NAME, NOW) is None
    assert await count_up(kept) is None


async def test_value_stays_where_the_block_fails(kept: Verifications) -> None:
    await kept.put(NAME, "0", NOW + HOUR, NOW)
    with pytest.raises(Failed):
        async with kept.attempt(NAME, NOW):
            raise Failed
    assert await kept.find(NAME, NOW) == "0"


async def test_expiry_can_be_put_off(kept: Verifications) -> None:
    await kept.put(NAME, "0", NOW + HOUR, NOW)
    async with kept.attempt(NAME, NOW) as attempt:
        attempt.keep("0", NOW + 2 * HOUR)
    assert await kept.find(NAME, NOW + HOUR + timedelta(seconds=1)) == "0"


async def test_expired_value_is_named_so(rows: DatabaseVerifications, database: Database) -> None:
    await rows.put(NAME, "0", NOW - HOUR, NOW - 2 * HOUR)
    async with rows.attempt(NAME, NOW) as attempt:
        assert (attempt.value, attempt.is_expired) == (None, True)
    async with rows.attempt(NAME, NOW) as attempt:
        assert (attempt.value, attempt.is_expired) == (None, False)


async def test_parallel_attempts_come_one_after_the_other(database_url: str) -> None:
    one, other = await open_database(database_url), await open_database(database_url)
    each = [DatabaseVerifications(each, TABLES, VerificationOptions()) for each in (one, other)]
    await each[0].put(NAME, "0", NOW + HOUR, NOW)
    seen = await asyncio.gather(*(count_up(kept) for kept in each * 10))
    await one.close()
    await other.close()
    assert sorted(map(int, filter(None, seen))) == list(range(20))
