import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.auth.verifications.database import DatabaseVerifications
from app.models.clock import to_iso
from app.settings.options import VerificationOptions
from app.storage.database import AnyRow, Database
from tests.support.spending import Failed, consume, fail_to_use
from tests.support.tables import TABLES, verifications

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAME = "reset-password:abc"
HASHED = "IMUqJ3lXuvod79AbI4EdsWmdAkZeIP5syfKs7-d5fQQ"

pytestmark = pytest.mark.anyio


def plain(database: Database) -> DatabaseVerifications:
    return DatabaseVerifications(database, TABLES, VerificationOptions())


async def rows(database: Database) -> Sequence[AnyRow]:
    return await database.read_all(select(verifications))


async def test_value_is_found_as_often_as_asked(database: Database) -> None:
    kept = plain(database)
    await kept.put(NAME, "ada", NOW + HOUR, NOW)
    assert [await kept.find(NAME, NOW) for _ in range(2)] == ["ada", "ada"]
    assert await kept.find("reset-password:xyz", NOW) is None


async def test_row_is_the_originals(database: Database) -> None:
    await plain(database).put(NAME, "ada", NOW + HOUR, NOW)
    [row] = await rows(database)
    assert len(row.id) == 32
    assert row[1:] == (NAME, "ada", to_iso(NOW + HOUR), to_iso(NOW), to_iso(NOW))


async def test_identifier_that_none_can_have_is_not_found(database: Database) -> None:
    assert await plain(database).find("\0", NOW) is None
    assert await consume(plain(database), "\0", NOW) is None


async def test_value_is_consumed_once(database: Database) -> None:
    kept = plain(database)
    await kept.put(NAME, "ada", NOW + HOUR, NOW)
    assert [await consume(kept, NAME, NOW) for _ in range(2)] == ["ada", None]


async def test_one_of_many_parallel_consumers_gets_the_value(database: Database) -> None:
    kept = plain(database)
    await kept.put(NAME, "ada", NOW + HOUR, NOW)
    got = await asyncio.gather(*(consume(kept, NAME, NOW) for _ in range(20)))
    assert sorted(map(str, got)) == ["None"] * 19 + ["ada"]


async def test_value_stays_good_where_what_it_pays_for_fails(database: Database) -> None:
    kept = plain(database)
    await kept.put(NAME, "ada", NOW + HOUR, NOW)
    with pytest.raises(Failed):
        await fail_to_use(kept, NAME, NOW)
    assert await consume(kept, NAME, NOW) == "ada"


async def test_latest_value_counts_and_all_of_them_go(database: Database) -> None:
    kept = plain(database)
    await kept.put(NAME, "late", NOW + HOUR, NOW + timedelta(seconds=1))
    await kept.put(NAME, "early", NOW + HOUR, NOW)
    assert await kept.find(NAME, NOW) == "late"
    assert await consume(kept, NAME, NOW) == "late"
    assert await rows(database) == []


@pytest.mark.parametrize(("late", "found"), [(timedelta(), "ada"), (timedelta(seconds=1), None)])
async def test_value_is_good_until_it_expires(
    database: Database, late: timedelta, found: str | None
) -> None:
    kept = plain(database)
    await kept.put(NAME, "ada", NOW, NOW - HOUR)
    assert await kept.find(NAME, NOW + late) == found


async def test_expired_value_is_gone_once_it_was_tried(database: Database) -> None:
    kept = plain(database)
    await kept.put(NAME, "ada", NOW - HOUR, NOW - HOUR)
    assert await consume(kept, NAME, NOW) is None
    assert await rows(database) == []


async def test_looking_one_up_deletes_nothing(database: Database) -> None:
    """All at once would take long, with many of them; `app/server/cleaning.py` does it."""
    kept = plain(database)
    await kept.put("old", "ada", NOW - HOUR, NOW - 2 * HOUR)
    assert await kept.find("old", NOW) is None
    assert [row.identifier for row in await rows(database)] == ["old"]


async def test_identifier_can_be_kept_hashed(database: Database) -> None:
    kept = DatabaseVerifications(database, TABLES, VerificationOptions(store_identifier="hashed"))
    await kept.put(NAME, "ada", NOW + HOUR, NOW)
    [row] = await rows(database)
    assert row.identifier == HASHED
    assert await kept.find(NAME, NOW) == "ada"
    assert await consume(kept, NAME, NOW) == "ada"


async def test_value_from_before_hashing_is_still_good(database: Database) -> None:
    await plain(database).put(NAME, "ada", NOW + HOUR, NOW)
    kept = DatabaseVerifications(database, TABLES, VerificationOptions(store_identifier="hashed"))
    assert await kept.find(NAME, NOW) == "ada"
    assert await consume(kept, NAME, NOW) == "ada"
