import asyncio
import json
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from app.auth.verifications.database import DatabaseVerifications
from app.auth.verifications.secondary import MirroredVerifications, StoredVerifications
from app.models.clock import now as clock
from app.models.clock import to_iso
from app.models.errors import StoreUnavailable
from app.settings.options import VerificationOptions
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.spending import Failed, consume, fail_to_use
from tests.support.tables import TABLES, verifications

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

NOW = clock()
HOUR = timedelta(hours=1)
NAME = "reset-password:abc"
KEY = f"verification:{NAME}"
HASHED = "verification:IMUqJ3lXuvod79AbI4EdsWmdAkZeIP5syfKs7-d5fQQ"


@pytest.fixture
def plain(storage: RedisStorage, database: Database) -> StoredVerifications:
    return StoredVerifications(storage, VerificationOptions(), database)


@pytest.fixture
def hashed(storage: RedisStorage, database: Database) -> StoredVerifications:
    return StoredVerifications(storage, VerificationOptions(store_identifier="hashed"), database)


@pytest.fixture
def mirrored(plain: StoredVerifications, database: Database) -> MirroredVerifications:
    rows = DatabaseVerifications(database, TABLES, VerificationOptions())
    return MirroredVerifications(plain, rows)


async def test_row_stands_under_the_identifier_as_the_original_puts_it(
    plain: StoredVerifications, storage: RedisStorage, redis_url: str
) -> None:
    await plain.put(NAME, "ada", NOW + HOUR, NOW)
    moment = to_iso(NOW)
    assert await storage.get(KEY) == (
        f'{{"createdAt":"{moment}","updatedAt":"{moment}","value":"ada","identifier":"{NAME}",'
        f'"expiresAt":"{to_iso(NOW + HOUR)}"}}'
    )
    async with Redis.from_url(redis_url) as client:
        assert 3590 <= await client.ttl(KEY) <= 3600


@pytest.mark.engines("sqlite", "postgres")
async def test_value_is_found_as_often_as_asked_and_consumed_once(
    plain: StoredVerifications,
) -> None:
    await plain.put(NAME, "ada", NOW + HOUR, NOW)
    assert [await plain.find(NAME, NOW) for _ in range(2)] == ["ada", "ada"]
    assert [await consume(plain, NAME, NOW) for _ in range(2)] == ["ada", None]
    assert await plain.find(NAME, NOW) is None


@pytest.mark.engines("sqlite", "postgres")
async def test_one_of_many_parallel_consumers_gets_the_value(plain: StoredVerifications) -> None:
    await plain.put(NAME, "ada", NOW + HOUR, NOW)
    got = await asyncio.gather(*(consume(plain, NAME, NOW) for _ in range(20)))
    assert sorted(map(str, got)) == ["None"] * 19 + ["ada"]


async def test_value_is_given_back_where_what_it_pays_for_fails(
    plain: StoredVerifications, storage: RedisStorage, redis_url: str
) -> None:
    now = clock()  # what is given back lives for as long as it has left by the clock
    await plain.put(NAME, "ada", now + HOUR, now)
    text = await storage.get(KEY)
    with pytest.raises(Failed):
        await fail_to_use(plain, NAME, now)
    assert await storage.get(KEY) == text
    async with Redis.from_url(redis_url) as client:
        assert 3580 <= await client.ttl(KEY) <= 3600
    assert await consume(plain, NAME, NOW) == "ada"


async def test_value_that_is_given_back_replaces_no_newer_one(plain: StoredVerifications) -> None:
    await plain.put(NAME, "ada", NOW + HOUR, NOW)
    with pytest.raises(Failed):
        await fail_to_use(plain, NAME, NOW, plain.put(NAME, "newer", NOW + HOUR, NOW))
    assert await consume(plain, NAME, NOW) == "newer"


async def test_expired_value_is_not_given_back(
    plain: StoredVerifications, storage: RedisStorage
) -> None:
    await plain.put(NAME, "ada", NOW + HOUR, NOW + HOUR - timedelta(seconds=2))
    await storage.set(KEY, (await storage.get(KEY) or "").replace(to_iso(NOW + HOUR), to_iso(NOW)))
    with pytest.raises(Failed):
        await fail_to_use(plain, NAME, NOW)
    assert await storage.get(KEY) is None


async def test_failure_is_told_where_the_value_cannot_be_given_back(
    plain: StoredVerifications,
    storage: RedisStorage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def away(*_: object) -> bool:
        raise StoreUnavailable

    await plain.put(NAME, "ada", NOW + HOUR, NOW)
    monkeypatch.setattr(RedisStorage, "swap", away)
    with pytest.raises(Failed):
        await fail_to_use(plain, NAME, NOW)
    assert "a mailed link is lost" in caplog.text


async def test_value_in_both_stays_good_where_what_it_pays_for_fails(
    mirrored: MirroredVerifications,
) -> None:
    await mirrored.put(NAME, "ada", NOW + HOUR, NOW)
    with pytest.raises(Failed):
        await fail_to_use(mirrored, NAME, NOW)
    assert await mirrored.find(NAME, NOW) == "ada"
    assert await consume(mirrored, NAME, NOW) == "ada"


async def test_value_in_both_is_spent_where_redis_goes_away(
    mirrored: MirroredVerifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable

    await mirrored.put(NAME, "ada", NOW + HOUR, NOW)
    monkeypatch.setattr(RedisStorage, "delete", away)
    assert [await consume(mirrored, NAME, NOW) for _ in range(2)] == ["ada", None]


async def test_later_value_takes_the_place_of_an_earlier_one(plain: StoredVerifications) -> None:
    await plain.put(NAME, "early", NOW + HOUR, NOW)
    await plain.put(NAME, "late", NOW + HOUR, NOW)
    assert [await consume(plain, NAME, NOW) for _ in range(2)] == ["late", None]


@pytest.mark.parametrize(("late", "found"), [(timedelta(), "ada"), (timedelta(seconds=1), None)])
async def test_value_is_good_until_it_expires(
    plain: StoredVerifications, late: timedelta, found: str | None
) -> None:
    await plain.put(NAME, "ada", NOW + HOUR, NOW)
    assert await plain.find(NAME, NOW + HOUR + late) == found
    assert await consume(plain, NAME, NOW + HOUR + late) == found


async def test_value_that_has_no_second_to_live_is_not_kept(
    plain: StoredVerifications, storage: RedisStorage
) -> None:
    await plain.put(NAME, "ada", NOW + timedelta(milliseconds=999), NOW)
    assert await storage.get(KEY) is None


@pytest.mark.parametrize("broken", ["{", "[]", "{}", '{"value":"ada","expiresAt":"soon"}'])
async def test_value_that_cannot_be_read_proves_nothing(
    plain: StoredVerifications, storage: RedisStorage, broken: str
) -> None:
    await storage.set(KEY, broken)
    assert await plain.find(NAME, NOW) is None
    assert await consume(plain, NAME, NOW) is None


async def test_identifier_can_be_kept_hashed(
    hashed: StoredVerifications, storage: RedisStorage
) -> None:
    await hashed.put(NAME, "ada", NOW + HOUR, NOW)
    assert json.loads(await storage.get(HASHED) or "")["identifier"] == HASHED.partition(":")[2]
    assert await storage.get(KEY) is None
    assert await hashed.find(NAME, NOW) == "ada"
    assert [await consume(hashed, NAME, NOW) for _ in range(2)] == ["ada", None]


async def test_value_from_before_hashing_is_good_until_a_newer_one_is_used(
    plain: StoredVerifications, hashed: StoredVerifications
) -> None:
    await plain.put(NAME, "old", NOW + HOUR, NOW)
    assert await hashed.find(NAME, NOW) == "old"
    await hashed.put(NAME, "new", NOW + HOUR, NOW)
    assert [await consume(hashed, NAME, NOW) for _ in range(2)] == ["new", None]


async def test_value_in_both_is_one_row(
    mirrored: MirroredVerifications, database: Database, storage: RedisStorage
) -> None:
    await mirrored.put(NAME, "ada", NOW + HOUR, NOW)
    [row] = await database.read_all(select(verifications))
    document = json.loads(await storage.get(KEY) or "")
    order = ["identifier", "value", "expiresAt", "createdAt", "updatedAt", "id"]
    assert list(document) == order
    assert document == {name: row._mapping[name] for name in order}


@pytest.mark.engines("sqlite", "postgres")
async def test_value_in_both_is_consumed_once_and_is_in_neither(
    mirrored: MirroredVerifications, database: Database, storage: RedisStorage
) -> None:
    await mirrored.put(NAME, "ada", NOW + HOUR, NOW)
    got = await asyncio.gather(*(consume(mirrored, NAME, NOW) for _ in range(20)))
    assert sorted(map(str, got)) == ["None"] * 19 + ["ada"]
    assert await storage.get(KEY) is None
    assert await database.read_all(select(verifications)) == []


async def test_database_stands_in_for_what_redis_has_lost(
    mirrored: MirroredVerifications, storage: RedisStorage
) -> None:
    await mirrored.put(NAME, "ada", NOW + HOUR, NOW)
    await storage.delete(KEY)
    assert await mirrored.find(NAME, NOW) == "ada"
    assert await consume(mirrored, NAME, NOW) == "ada"
