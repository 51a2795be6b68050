"""A store that can't count: 503, never a request that nobody counted."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.schema.migrate import migrate
from app.schema.requirements import Requirements
from app.settings.options import RateLimitOptions
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.redis import RedisServer
from tests.support.service import EMAIL, Service, serve, serving
from tests.support.sqlite_file import path_of

pytestmark = pytest.mark.anyio

IN_DATABASE = RateLimitOptions(storage="database")
WRONG = {"email": EMAIL, "password": "not this one"}


async def assert_nothing_passes(service: Service) -> None:
    for answer in (await service.get("/ok"), await service.post("/sign-in/email", WRONG)):
        assert (answer.status, answer.json()["code"]) == (503, "STORE_UNAVAILABLE")


async def test_redis_that_is_away_refuses_everything(
    sqlite_database: Database, stoppable_redis: RedisServer
) -> None:
    storage = RedisStorage.open(stoppable_redis.url)
    service = await serve(
        sqlite_database,
        storage=storage,
        redis_url=stoppable_redis.url,
        rate_limit=RateLimitOptions(),
    )
    assert (await service.get("/ok")).status == 200
    stoppable_redis.stop()
    await assert_nothing_passes(service)
    stoppable_redis.start()
    assert (await service.get("/ok")).status == 200
    await storage.close()


async def test_sqlite_file_that_is_away_refuses_everything(sqlite_url: str) -> None:
    await migrate(sqlite_url, Requirements(rate_limits=True))
    file = path_of(sqlite_url)
    async with serving(sqlite_url, rate_limit=IN_DATABASE) as service:
        assert (await service.get("/ok")).status == 200
        away = file.rename(file.with_suffix(".away"))
        await assert_nothing_passes(service)
        away.rename(file)
        assert (await service.get("/ok")).status == 200


@pytest.fixture
async def counting_in_postgres(postgres_url: str) -> AsyncIterator[Service]:
    await migrate(postgres_url, Requirements(rate_limits=True))
    async with serving(postgres_url, rate_limit=IN_DATABASE) as service:
        yield service


async def test_postgres_that_is_away_refuses_everything(
    counting_in_postgres: Service, postgres_url: str, postgres_server: str
) -> None:
    assert (await counting_in_postgres.get("/ok")).status == 200
    name = postgres_url.partition("?")[0].rpartition("/")[2]
    admin = await asyncpg.connect(postgres_server)
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    await admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name
    )
    await assert_nothing_passes(counting_in_postgres)
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await admin.close()
    assert (await counting_in_postgres.get("/ok")).status == 200
