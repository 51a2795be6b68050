import logging

import pytest
from redis.exceptions import ResponseError
from sqlalchemy import text

from app.models.errors import StoreUnavailable
from app.storage.database import Database, open_database
from app.storage.outage import QUIET, Outage, describe_outage
from app.storage.redis import RedisStorage
from tests.support.redis import RedisServer

pytestmark = pytest.mark.anyio


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outage(clock: Clock) -> Outage:
    return Outage("database, reading", clock=clock)


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, dict[str, object]]]:
    mine = [record for record in caplog.records if record.name == "better_auth.store"]
    return [(record.getMessage(), record.__dict__["facts"]) for record in mine]


async def test_is_told_when_it_begins_and_when_it_ends(
    outage: Outage, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    outage.end_if_quiet()
    for reason in ("disk is full", "disk is still full"):
        outage.note(OSError(reason))
    clock.now += 60
    outage.end_if_quiet()
    outage.end_if_quiet()
    assert told(caplog) == [
        ("store cannot be used", {"store": "database, reading", "reason": "disk is full"}),
        ("store can be used again", {"store": "database, reading", "seconds": 60, "failures": 2}),
    ]


async def test_watched_block_that_fails_raises_and_notes_it(outage: Outage) -> None:
    broken = OSError("disk is full")
    with pytest.raises(StoreUnavailable) as caught, outage.watch(lambda error: error):
        raise broken
    assert (caught.value.__cause__, outage.is_on) == (broken, True)


async def test_watched_block_passes_an_error_that_is_no_fault(outage: Outage) -> None:
    with pytest.raises(KeyError), outage.watch(lambda _: None):
        raise KeyError
    assert not outage.is_on


async def test_watched_block_that_succeeds_ends_an_outage(outage: Outage, clock: Clock) -> None:
    outage.note(OSError("disk is full"))
    clock.now += 60
    with outage.watch(lambda _: None):
        pass
    assert not outage.is_on


async def test_lasts_while_some_requests_still_fail(
    outage: Outage, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        outage.note(OSError("busy"))
        clock.now += QUIET - 1
        outage.end_if_quiet()
    assert len(told(caplog)) == 1
    assert outage.is_on


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (OSError("one\ntwo"), "one"),
        (OSError(), "OSError"),
        (ResponseError("OOM, with args beginning with: b'token'"), "OOM"),
        (OSError("x" * 500), "x" * 200),
    ],
)
async def test_reason_is_the_driver_s_first_line(fault: Exception, reason: str) -> None:
    assert describe_outage(fault) == reason


async def test_a_full_disk_is_one_line(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with sqlite_database.begin() as tx:
        pages = (await tx.execute(text("PRAGMA page_count"))).scalar()
        await tx.execute(text(f"PRAGMA max_page_count={pages}"))
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            await fill(sqlite_database)
    assert await sqlite_database.read_all(text("SELECT 1")) == [(1,)]
    reason = "database or disk is full"
    assert told(caplog) == [
        ("store cannot be used", {"store": "database, writing", "reason": reason})
    ]


async def fill(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute(text("CREATE TABLE filling AS SELECT randomblob(1000000) AS much"))


async def test_a_postgres_that_is_away_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    database = await open_database("postgresql://ada:secret@127.0.0.1:1/auth")
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            await database.read_all(text("SELECT 1"))
    await database.close()
    ((words, facts),) = told(caplog)
    assert words == "store cannot be used"
    assert facts["store"] == "database, reading"
    assert "Connect call failed" in str(facts["reason"])
    assert "secret" not in caplog.text


async def test_a_redis_that_is_away_is_one_line(
    stoppable_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    storage = RedisStorage.open(stoppable_redis.url)
    await storage.set("a", "b")
    stoppable_redis.stop()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            await storage.get("a")
    stoppable_redis.start()
    assert await storage.get("a") is None
    await storage.close()
    assert [(words, facts["store"]) for words, facts in told(caplog)] == [
        ("store cannot be used", "Redis")
    ]
