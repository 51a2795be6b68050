"""Several values are spent together, or none of them."""

from datetime import timedelta

import pytest

from app.auth.verifications.database import DatabaseVerifications, Verifications
from app.auth.verifications.secondary import MirroredVerifications, StoredVerifications
from app.models.clock import now as clock
from app.settings.options import VerificationOptions
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.tables import TABLES

pytestmark = pytest.mark.anyio

NOW = clock()
HOUR = timedelta(hours=1)
NAME, OTHER = "2fa-abc", "2fa-attempts-abc"


@pytest.fixture(params=["database", "redis", "both", "hashed"])
async def kept(
    database: Database, storage: RedisStorage, request: pytest.FixtureRequest
) -> Verifications:
    """Each of the places there are."""
    is_hashed = request.param == "hashed"
    options = VerificationOptions(store_identifier="hashed" if is_hashed else "plain")
    rows = DatabaseVerifications(database, TABLES, options)
    stored = StoredVerifications(storage, options, database)
    places: dict[str, Verifications] = {
        "redis": stored,
        "both": MirroredVerifications(stored, rows),
    }
    return places.get(str(request.param), rows)


async def test_values_are_spent_together(kept: Verifications) -> None:
    for name in (NAME, OTHER):
        await kept.put(name, name, NOW + HOUR, NOW)
    async with kept.consume(NAME, NOW, OTHER) as (_, value):
        assert value == NAME
    assert [await kept.find(name, NOW) for name in (NAME, OTHER)] == [None, None]


async def test_value_counts_only_with_the_others(kept: Verifications) -> None:
    await kept.put(NAME, "ada", NOW + HOUR, NOW)
    async with kept.consume(NAME, NOW, OTHER) as (_, value):
        assert value is None


async def test_all_values_stay_where_what_they_pay_for_fails(kept: Verifications) -> None:
    for name in (NAME, OTHER):
        await kept.put(name, name, NOW + HOUR, NOW)
    with pytest.raises(ZeroDivisionError):
        async with kept.consume(NAME, NOW, OTHER):
            raise ZeroDivisionError
    assert [await kept.find(name, NOW) for name in (NAME, OTHER)] == [NAME, OTHER]
