"""Which rows go, and which stay."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Table, func, insert, select, text, update

from app.auth.audit.table import audit_events
from app.auth.rate_limits.database import DatabaseRateLimits
from app.auth.webhooks.table import webhook_events
from app.models.clock import now as clock
from app.models.clock import to_iso
from app.schema.migrate import migrate
from app.schema.requirements import Requirements
from app.schema.state import SchemaState
from app.server import cleaning
from app.server.cleaning import Cleaner, Pace, make_cleaner
from app.server.expiring import Expiring, KeptTable, list_expiring
from app.server.plugins import read_settings
from app.settings.options import RateLimitOptions, SessionOptions, VerificationOptions
from app.settings.rate_limit_rules import CustomRule
from app.settings.settings import Settings
from app.storage.database import Database, open_database
from app.web.rate_rule import Rule
from tests.support.rows import add_session, add_user
from tests.support.secret import STRONG_SECRET
from tests.support.tables import TABLES, rate_limits, sessions, verifications
from tests.support.webhooks import OPTIONS, add_event

pytestmark = pytest.mark.anyio

OURS = SchemaState(adopted=False, tasks=False, tasks_required=False, current=True)
ADOPTED = SchemaState(adopted=True, tasks=False, tasks_required=False, current=True)
HOURS = {"lately": -23, "long-ago": -25, "to-come": 1}


def cleaner(database: Database, schema: SchemaState = OURS, **settings: Any) -> Cleaner:
    return make_cleaner(Settings(secret="", **settings), database, schema, pause=0)


def list_sessions() -> list[Expiring]:
    found = list_expiring(Settings(secret=""), OURS)
    return [each for each in found if isinstance(each, Expiring) and each.name == "sessions"]


def fix_steps(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    fixed = property(lambda _: rows, lambda *_: None)
    monkeypatch.setattr(Pace, "rows", fixed, raising=False)


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
    assert await cleaner(filled).round() == {"sessions": 1, "verifications": 1, "audit": 0}
    assert await left(filled, sessions, "token") == ["lately", "to-come"]
    assert await left(filled, verifications, "id") == ["lately", "to-come"]


@pytest.mark.parametrize(
    ("schema", "settings", "tables"),
    [
        (ADOPTED, {}, ["verifications"]),
        (ADOPTED, {"audit": True}, ["verifications", "audit"]),
        (ADOPTED, {"session_cleanup": True}, ["sessions", "verifications"]),
        (OURS, {"session_cleanup": False}, ["verifications", "audit"]),
        (OURS, {"verification": VerificationOptions(disable_cleanup=True)}, ["sessions", "audit"]),
        (OURS, {"redis_url": "redis://h"}, ["audit"]),
        (OURS, {"redis_url": "redis://h", "audit_keep_days": 0}, []),
        (OURS, {"redis_url": "redis://h", "audit": False}, []),
        (
            OURS,
            {
                "redis_url": "redis://h",
                "session": SessionOptions(
                    store_session_in_database=True, preserve_session_in_database=True
                ),
            },
            ["audit"],
        ),
    ],
)
async def test_what_is_not_ours_to_delete_stays(
    filled: Database, schema: SchemaState, settings: dict[str, Any], tables: Sequence[str]
) -> None:
    assert list(await cleaner(filled, schema, **settings).round()) == tables


def test_reason_of_what_stays_names_the_setting() -> None:
    found = list_expiring(Settings(secret=""), ADOPTED)
    (kept,) = (each for each in found if isinstance(each, KeptTable))
    assert (kept.name, "SESSION_CLEANUP=true" in kept.why) == ("sessions", True)
    found = list_expiring(Settings(secret="", redis_url="redis://h"), OURS)
    reasons = [each.why for each in found if isinstance(each, KeptTable)]
    assert reasons == ["they are in Redis, which deletes them when they expire"] * 2


async def test_what_is_no_moment_stays(sqlite_database: Database) -> None:
    await add_user(sqlite_database, "ada")
    await add_session(sqlite_database, "ada", "odd", expiresAt=moment(-99))
    async with sqlite_database.begin() as tx:
        await tx.execute(text("UPDATE session SET expiresAt = 'long ago'"))
    assert await cleaner(sqlite_database).round() == {"sessions": 0, "verifications": 0, "audit": 0}


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
    fix_steps(monkeypatch, 7)
    await add_user(database, "ada")
    for n in range(30):
        await add_session(database, "ada", f"{n}", expiresAt=moment(-99 if n % 3 else 1))
    seen = list[int]()
    work = Cleaner(database, list_sessions(), pause=0)
    assert await work.round(lambda progress: seen.append(progress.seen)) == {"sessions": 20}
    assert seen == [7, 14, 21, 28, 30]
    assert (await database.read_all(select(func.count()).select_from(sessions)))[0][0] == 10


@pytest.mark.parametrize(
    ("seconds", "rows"),
    [
        ([0.001] * 9, 500),
        ([0.06] * 9, 50),
        ([0.03] * 9, 50),
        ([0.001, 0.001, 0.06], 100),
    ],
)
def test_step_has_as_many_rows_as_a_store_can_do_quickly(seconds: list[float], rows: int) -> None:
    pace = Pace()
    for each in seconds:
        pace.note(each)
    assert pace.rows == rows


async def test_counting_deletes_nothing(filled: Database) -> None:
    work = Cleaner(filled, list_sessions(), pause=0, counts_only=True)
    assert await work.round() == {"sessions": 1}
    assert len(await left(filled, sessions, "token")) == 3


async def test_row_that_somebody_has_locked_stays_for_the_next_round(
    postgres_database: Database, postgres_url: str
) -> None:
    await add_user(postgres_database, "ada")
    for token in ("locked", "free"):
        await add_session(postgres_database, "ada", token, expiresAt=moment(-48))
    other = await open_database(postgres_url)
    async with other.begin() as tx, asyncio.timeout(10):
        of_other = sessions.c.token == "locked"  # no secret
        await tx.execute(select(sessions.c.id).where(of_other).with_for_update())
        removed = await cleaner(postgres_database).round()
        assert removed["sessions"] == 1
    assert await left(postgres_database, sessions, "token") == ["locked"]
    assert (await cleaner(postgres_database).round())["sessions"] == 1
    await other.close()


async def test_one_process_cleans_at_a_time(database: Database, database_url: str) -> None:
    await add_user(database, "ada")
    await add_session(database, "ada", "old", expiresAt=moment(-99))
    other = await open_database(database_url)
    async with other.take_turn() as taken:
        assert taken
        assert (await cleaner(database).round())["sessions"] == 0
    await other.close()
    assert (await cleaner(database).round())["sessions"] == 1


async def test_command_waits_for_its_turn(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaning, "WAIT", 0.01)
    await add_user(database, "ada")
    await add_session(database, "ada", "old", expiresAt=moment(-99))
    other = await open_database(database_url)
    async with other.take_turn():
        work = Cleaner(database, list_sessions(), pause=0, waits=True)
        task = asyncio.create_task(work.round())
        await asyncio.sleep(0.1)
        assert not task.done()
    await other.close()
    assert await task == {"sessions": 1}


@pytest.mark.parametrize(("hours", "steps"), [(-99, [7, 14, 21, 28, 30]), (1, [7])])
async def test_rows_in_order_are_read_as_far_as_they_have_expired(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, hours: int, steps: list[int]
) -> None:
    fix_steps(monkeypatch, 7)
    await add_user(sqlite_database, "ada")
    for n in range(30):
        await add_session(sqlite_database, "ada", f"{n}", expiresAt=moment(hours))
    seen = list[int]()
    work = Cleaner(sqlite_database, [replace(list_sessions()[0], in_order=True)], pause=0)
    await work.round(lambda progress: seen.append(progress.seen))
    assert seen == steps


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


@pytest.mark.parametrize(("days", "events"), [(365, ["young"]), (3650, ["old", "young"])])
async def test_audit_events_go_after_as_many_days_as_a_setting_says(
    database: Database, days: int, events: list[str]
) -> None:
    row = {"actor": "user", "count": 1}
    times = {"old": moment(-366 * 24), "young": moment(-364 * 24)}
    async with database.begin() as tx:
        for event, at in times.items():
            values = {**row, "event": event, "created_at": at}
            await tx.execute(insert(audit_events).values(values))
    await cleaner(database, audit_keep_days=days).round()
    assert await left(database, audit_events, "event") == events


async def test_webhooks_go_thirty_days_after_they_were_given_up(
    webhook_database: Database,
) -> None:
    table = webhook_events
    for user_id, dead_at in {"old": -31 * 24, "young": -29 * 24, "waiting": None}.items():
        await add_event(webhook_database, user_id, at=clock() - timedelta(days=90))
        if dead_at is not None:
            dead = update(table).where(table.c.user_id == user_id).values(dead_at=moment(dead_at))
            async with webhook_database.begin() as tx:
                await tx.execute(dead)
    removed = await cleaner(webhook_database, **OPTIONS).round()
    assert removed["webhooks"] == 1
    assert await left(webhook_database, table, "user_id") == ["waiting", "young"]


async def test_counter_stays_for_the_window_of_a_plugin(
    sqlite_database: Database, sqlite_url: str
) -> None:
    await migrate(sqlite_url, Requirements(rate_limits=True))
    variables = {
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        "BETTER_AUTH_PLUGINS": "magic-link,email-otp",
        "BETTER_AUTH_MAGIC_LINK_RATE_LIMIT_WINDOW": "5000",
        "SMTP_URL": "console:",
    }
    settings = read_settings(variables, None)
    assert [plugin.longest_window for plugin in settings.plugins if plugin.longest_window] == [
        5000,
        60,
    ]
    hour_ago = DatabaseRateLimits(sqlite_database, TABLES, clock=lambda: time.time() - 3600)
    await hour_ago.consume("link", Rule(5000, 3))
    policy = RateLimitOptions(storage="database")
    await cleaner(sqlite_database, rate_limit=policy, plugins=settings.plugins).round()
    assert await left(sqlite_database, rate_limits, "key") == ["link"]


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
