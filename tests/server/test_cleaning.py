"""Which rows go, and which stay."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select, text

from app.auth.rate_limits.database import DatabaseRateLimits
from app.models.clock import now as clock
from app.models.clock import to_iso
from app.schema.migrate import migrate
from app.schema.requirements import Requirements
from app.schema.state import SchemaState
from app.server import cleaning
from app.server.cleaning import Cleaner, make_cleaner
from app.settings.options import RateLimitOptions, SessionOptions, VerificationOptions
from app.settings.rate_limit_rules import CustomRule
from app.settings.settings import Settings
from app.storage.database import Database
from app.web.rate_rule import Rule
from tests.support.rows import add_session, add_user
from tests.support.tables import TABLES, rate_limits, sessions, verifications

pytestmark = pytest.mark.anyio

OURS = SchemaState(adopted=False, tasks=False, tasks_required=False, current=True)
ADOPTED = SchemaState(adopted=True, tasks=False, tasks_required=False, current=True)
HOURS = {"lately": -23, "long-ago": -25, "to-come": 1}


def cleaner(database: Database, schema: SchemaState = OURS, **settings: Any) -> Cleaner:
    return make_cleaner(Settings(secret="", **settings), database, schema, pause=0)


def moment(hours: float) -> str:
    return to_iso(clock() + timedelta(hours=hours))


@pytest.fixture
async def filled(database: Database) -> Database:
    await add_user(database, "ada")
    for token, hours in HOURS.items():
        await add_session(database, "ada", token, expiresAt=moment(hours))
    async with database.begin() as tx:
        rows = [
            {
                "id": name,
                "identifier": name,
                "value": "",
                "expiresAt": moment(hours),
                "createdAt": moment(0),
                "updatedAt": moment(0),
            }
            for name, hours in HOURS.items()
        ]
        await tx.execute(insert(verifications), rows)
    return database


async def left(database: Database, table: Table, column: str) -> list[str]:
    return sorted(row[0] for row in await database.read_all(select(table.c[column])))


async def test_what_expired_more_than_a_day_ago_goes(filled: Database) -> None:
    assert await cleaner(filled).round() == {"session": 1, "verification": 1}
    assert await left(filled, sessions, "token") == ["lately", "to-come"]
    assert await left(filled, verifications, "id") == ["lately", "to-come"]


@pytest.mark.parametrize(
    ("schema", "settings", "tables"),
    [
        (ADOPTED, {}, ["verification"]),
        (ADOPTED, {"session_cleanup": True}, ["session", "verification"]),
        (OURS, {"session_cleanup": False}, ["verification"]),
        (OURS, {"verification": VerificationOptions(disable_cleanup=True)}, ["session"]),
        (OURS, {"redis_url": "redis://h"}, []),
        (
            OURS,
            {
                "redis_url": "redis://h",
                "session": SessionOptions(
                    store_session_in_database=True, preserve_session_in_database=True
                ),
            },
            [],
        ),
    ],
)
async def test_what_is_not_ours_to_delete_stays(
    filled: Database, schema: SchemaState, settings: dict[str, Any], tables: Sequence[str]
) -> None:
    assert list(await cleaner(filled, schema, **settings).round()) == tables


async def test_what_is_no_moment_stays(sqlite_database: Database) -> None:
    await add_user(sqlite_database, "ada")
    await add_session(sqlite_database, "ada", "odd", expiresAt=moment(-99))
    async with sqlite_database.begin() as tx:
        await tx.execute(text("UPDATE session SET expiresAt = 'long ago'"))
    assert await cleaner(sqlite_database).round() == {"session": 0, "verification": 0}


@pytest.mark.parametrize("odd", ["'soon'", "9e30", "9223372036854775807"])
async def test_counter_of_no_moment_stays(
    sqlite_database: Database, sqlite_url: str, odd: str
) -> None:
    await migrate(sqlite_url, Requirements(rate_limits=True))
    await DatabaseRateLimits(sqlite_database, TABLES).consume("odd", Rule(10, 3))
    async with sqlite_database.begin() as tx:
        await tx.execute(text(f'UPDATE "rateLimit" SET "lastRequest" = {odd}'))
    assert await left_after(sqlite_database) == ["odd"]


async def test_many_rows_go_a_few_at_a_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaning, "STEP", 7)
    await add_user(database, "ada")
    for n in range(30):
        await add_session(database, "ada", f"{n}", expiresAt=moment(-99 if n % 3 else 1))
    assert (await cleaner(database).round())["session"] == 20
    assert (await database.read_all(select(func.count()).select_from(sessions)))[0][0] == 10


async def test_one_process_cleans_at_a_time(postgres_database: Database) -> None:
    await add_user(postgres_database, "ada")
    await add_session(postgres_database, "ada", "old", expiresAt=moment(-99))
    async with postgres_database.begin() as other:
        await other.execute(select(func.pg_try_advisory_xact_lock(cleaning._LOCK)))
        assert (await cleaner(postgres_database).round())["session"] == 0
    assert (await cleaner(postgres_database).round())["session"] == 1


async def test_counters_that_no_rule_asks_for_go(database: Database, database_url: str) -> None:
    await migrate(database_url, Requirements(rate_limits=True))
    now = clock()

    def ago(seconds: int) -> DatabaseRateLimits:
        return DatabaseRateLimits(database, TABLES, clock=lambda: now.timestamp() - seconds)

    for seconds in (0, 899, 920, 4000):
        await ago(seconds).consume(f"{seconds}", Rule(10, 3))
    await ago(4000).remember("home", 5000)
    assert await left_after(database) == ["0", "899", "home"]
    custom = RateLimitOptions(storage="database", custom_rules=(CustomRule("/x", 4100, 1),))
    await ago(4000).consume("4000", Rule(10, 3))
    assert await left_after(database, custom) == ["0", "4000", "899", "home"]


async def left_after(
    database: Database,
    policy: RateLimitOptions = RateLimitOptions(storage="database"),  # noqa: B008  # frozen
) -> list[str]:
    await cleaner(database, rate_limit=policy).round()
    return await left(database, rate_limits, "key")


async def test_rounds_go_on_after_a_fault(
    filled: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(cleaning, "REST", 0.01)

    async with filled.begin() as tx:
        await tx.execute(text("ALTER TABLE verification RENAME TO gone"))
    task = asyncio.create_task(cleaner(filled).run())
    await told(caplog, "cleaning was given up")
    async with filled.begin() as tx:
        await tx.execute(text("ALTER TABLE gone RENAME TO verification"))
    await told(caplog, "expired rows removed")
    task.cancel()
    await asyncio.wait([task])


async def told(caplog: pytest.LogCaptureFixture, words: str) -> None:
    async with asyncio.timeout(10):
        while words not in caplog.text:  # noqa: ASYNC110  # a log sets no Event
            await asyncio.sleep(0.01)
