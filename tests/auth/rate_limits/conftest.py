"""Every place to count in, at moments that the test chooses."""

from collections.abc import AsyncIterator

import pytest

from app.auth.rate_limits.database import DatabaseRateLimits
from app.auth.rate_limits.memory import MemoryRateLimits
from app.auth.rate_limits.secondary import StorageRateLimits
from app.schema.requirements import Requirements
from app.storage.database import open_database
from app.storage.redis import RedisStorage
from app.web.rate_rule import RateLimits
from tests.support.prepared_files import prepare
from tests.support.tables import TABLES


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite", "postgres", "redis"])
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Where is counted, and its URL."""
    kind = str(request.param)
    fixture = {"sqlite": "sqlite_url", "postgres": "postgres_url", "redis": "redis_url"}.get(kind)
    return kind, str(request.getfixturevalue(fixture)) if fixture else ""


@pytest.fixture
async def limits(place: tuple[str, str], clock: Clock) -> AsyncIterator[RateLimits]:
    kind, url = place
    if kind == "memory":
        yield MemoryRateLimits(clock=clock)
    elif kind == "redis":
        storage = RedisStorage.open(url, "")
        yield StorageRateLimits(storage)
        await storage.close()
    else:
        await prepare(url, Requirements(rate_limits=True))
        database = await open_database(url)
        yield DatabaseRateLimits(database, TABLES, clock=clock)
        await database.close()
