"""The table `rateLimit`: who makes it, what is in it, what goes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, text

from app.auth.rate_limits.database import DatabaseRateLimits
from app.schema.migrate import check_schema, migrate
from app.schema.requirements import Requirements
from app.schema.state import SchemaError
from app.settings.settings import Settings
from app.storage.database import Database, open_database
from app.web.rate_rule import Rule
from tests.auth.rate_limits.conftest import Clock
from tests.support.tables import TABLES, rate_limits
from tests.system.original_schema import execute

pytestmark = pytest.mark.anyio

RULE = Rule(window=10, max=3)


@pytest.fixture
async def counted(database_url: str) -> AsyncIterator[Database]:
    await migrate(database_url, Requirements(rate_limits=True))
    database = await open_database(database_url)
    yield database
    await database.close()


async def test_row_is_the_original_s(counted: Database, clock: Clock) -> None:
    limits = DatabaseRateLimits(counted, TABLES, clock=clock)
    for _ in range(2):
        await limits.consume("1.2.3.4|/sign-in/email", RULE)
    (row,) = await counted.read_all(select(rate_limits))
    assert row[1:] == ("1.2.3.4|/sign-in/email", 2, 1_700_000_000_000)
    assert len(row.id) == 32


async def test_workers_count_together(counted: Database, database_url: str, clock: Clock) -> None:
    """PR #9993: none of their updates is lost."""
    other = await open_database(database_url)
    workers = [DatabaseRateLimits(each, TABLES, clock=clock) for each in (counted, other)]
    found = await asyncio.gather(*(workers[n % 2].consume("a", RULE) for n in range(50)))
    assert found.count(None) == 3
    assert await counted.read_all(select(rate_limits.c["count"])) == [(3,)]
    await other.close()


async def test_refused_flood_writes_nothing(counted: Database, clock: Clock) -> None:
    limits = DatabaseRateLimits(counted, TABLES, clock=clock)
    for _ in range(3):
        await limits.consume("a", RULE)
    before = await counted.read_all(select(rate_limits))
    clock.seconds += 5
    assert [await limits.consume("a", RULE) for _ in range(3)] == [5, 5, 5]
    assert await counted.read_all(select(rate_limits)) == before


async def test_clock_that_is_set_back_keeps_nobody_out(counted: Database, clock: Clock) -> None:
    limits = DatabaseRateLimits(counted, TABLES, clock=clock)
    for _ in range(3):
        await limits.consume("a", RULE)
    clock.seconds -= 3600
    found = [await limits.consume("a", RULE) for _ in range(4)]
    assert found == [None, None, None, 10]


async def test_clocks_that_differ_a_little_count_together(counted: Database, clock: Clock) -> None:
    ahead = Clock()
    ahead.seconds = clock.seconds + 0.5
    servers = [DatabaseRateLimits(counted, TABLES, clock=each) for each in (ahead, clock)]
    found = [await servers[n % 2].consume("a", RULE) for n in range(5)]
    assert found == [None, None, None, 10, 10]


async def test_key_that_is_remembered_already_is_rarely_written(
    counted: Database, clock: Clock
) -> None:
    limits, ends = DatabaseRateLimits(counted, TABLES, clock=clock), []
    for _ in range(4):
        await limits.remember("home", 100)
        (row,) = await counted.read_all(select(rate_limits.c.lastRequest))
        ends.append(row.lastRequest - 1_700_000_000_000)
        clock.seconds += 30
    assert ends == [100_000, 100_000, 160_000, 160_000]


async def test_table_is_made_for_those_who_count_there_only(database_url: str) -> None:
    assert await check_schema(database_url) == []
    (line,) = await check_schema(database_url, Requirements(rate_limits=True))
    assert line.endswith("would create the table rateLimit")
    report = await migrate(database_url, Requirements(rate_limits=True))
    assert any(line.endswith("created the table rateLimit") for line in report.lines)
    assert await check_schema(database_url, Requirements(rate_limits=True)) == []


async def test_table_that_a_node_server_made_is_used(database_url: str, clock: Clock) -> None:
    database = await open_database(database_url)
    async with database.begin() as tx:
        await tx.execute(
            text(
                'create table "rateLimit" ("id" text not null primary key, "key" text not null'
                ' unique, "count" integer not null, "lastRequest" bigint not null)'
            )
        )
        await tx.execute(text("insert into \"rateLimit\" values ('i', 'a', 3, 1700000000000)"))
    report = await migrate(database_url, Requirements(rate_limits=True))
    assert not any("created the table" in line for line in report.lines)
    assert await DatabaseRateLimits(database, TABLES, clock=clock).consume("a", RULE) == 10
    await database.close()


ROW = '"id" text not null primary key, "key" text not null, "count" integer, "lastRequest" bigint'


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ("x integer", r"\(see id, key, count, lastRequest\): rename it"),
        (ROW, 'column "key" of "rateLimit" is not unique: add a unique index'),
        (f"{ROW}, kind text not null, unique (key)", 'column "kind" of "rateLimit" is unknown'),
    ],
    ids=["somebody else's", "keys not unique", "one column more"],
)
async def test_table_of_another_shape_is_refused(
    database_url: str, columns: str, fault: str
) -> None:
    await execute(database_url, f'CREATE TABLE "rateLimit" ({columns})')
    with pytest.raises(SchemaError, match=fault):
        await migrate(database_url, Requirements(rate_limits=True))
    assert await check_schema(database_url) == []


async def test_numbers_that_are_too_small_are_refused(postgres_url: str) -> None:
    small = ROW.replace("bigint", "integer unique").replace('"key" text', '"key" text unique')
    await execute(postgres_url, f'CREATE TABLE "rateLimit" ({small})')
    with pytest.raises(SchemaError, match="see lastRequest"):
        await migrate(postgres_url, Requirements(rate_limits=True))


def test_storage_is_redis_where_there_is_one() -> None:
    assert Settings(secret="").rate_limit_storage == "memory"
    assert Settings(secret="", redis_url="redis://h").rate_limit_storage == "secondary-storage"
