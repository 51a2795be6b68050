"""Failed sign-ins: rows at first, then a count that grows. Memory and writes are bounded."""

from datetime import UTC, datetime, timedelta

import pytest

from app.auth.audit import failures
from app.auth.audit.audit import DatabaseAudit
from app.auth.audit.events import Event, Row
from app.auth.audit.failures import ALIKE, WINDOW, FailureCounts
from app.auth.background_tasks import BackgroundTasks
from app.models.records import Client
from app.models.telemetry.log_context import begin_request, note_client
from app.storage.database import Database
from tests.support.audited import list_names, read_events
from tests.support.logged import Lines
from tests.support.service import serve
from tests.support.tables import TABLES

pytestmark = pytest.mark.anyio

START = datetime(2026, 3, 1, tzinfo=UTC)


class Attack:
    """Wrong passwords, at a time of its own."""

    def __init__(self, database: Database) -> None:
        self.now = START
        self.background = BackgroundTasks()
        self.audit = DatabaseAudit(database, TABLES, self.background, clock=lambda: self.now)

    async def fail(self, times: int, user_id: str = "ada", ip: str = "203.0.113.9") -> None:
        begin_request("r1")
        note_client(Client(ip, "curl"))
        for _ in range(times):
            self.audit.report(Event("sign_in_failed", user_id, reason="WRONG"))
        await self.background.finish()


async def counts(database: Database) -> list[int]:
    return [told["count"] for told in await read_events(database)]


async def test_ten_get_rows_and_later_ones_are_counted(database: Database) -> None:
    attack = Attack(database)
    await attack.fail(ALIKE)
    assert await counts(database) == [1] * ALIKE
    await attack.fail(5)
    await attack.fail(90)
    assert await counts(database) == [1] * ALIKE + [95]
    last = (await read_events(database))[-1]
    assert (last["user_id"], last["ip_address"], last["reason"]) == ("ada", "203.0.113.9", "WRONG")
    assert (last["request_id"], last["user_agent"]) == (None, None)


async def test_other_accounts_and_clients_have_rows_of_their_own(database: Database) -> None:
    attack = Attack(database)
    await attack.fail(ALIKE + 1)
    await attack.fail(1, user_id="eve")
    await attack.fail(1, ip="203.0.113.10")
    assert await counts(database) == [1] * (ALIKE + 3)


async def test_next_window_begins_with_rows(database: Database) -> None:
    attack = Attack(database)
    await attack.fail(ALIKE + 7)
    attack.now += WINDOW
    await attack.fail(2)
    assert await counts(database) == [1] * ALIKE + [7, 1, 1]


async def test_attack_from_everywhere_is_counted_in_one_row(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "MOST", 20)
    attack = Attack(database)
    for number in range(100):
        await attack.fail(1, ip=f"2001:db8::{number:x}")
    told = await read_events(database)
    assert [each["count"] for each in told] == [1] * 20 + [80]
    assert (told[-1]["user_id"], told[-1]["ip_address"]) == (None, None)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "MOST", 20)
    counted, row = FailureCounts(), {"event": "sign_in_failed", "reason": "WRONG", "actor": "x"}
    for number in range(1000):
        each: Row = {**row, "user_id": f"{number}", "actor_id": None, "ip_address": None}
        counted.count(each, START + timedelta(milliseconds=number))
    batch = counted.take()
    assert (len(batch.rows), len(batch.counted), batch.size) == (20, 1, 1000)


async def test_store_that_cannot_be_used_refuses_nothing(
    sqlite_database: Database, log: Lines
) -> None:
    service = await serve(sqlite_database)
    await service.sign_up()
    await service.execute("ALTER TABLE better_auth_audit RENAME TO elsewhere")
    assert (await service.sign_in(password="wrong")).status == 401
    (line,) = [one for one in log() if one.get("message") == "audit events not written"]
    assert line["count"] == 1
    await service.execute("ALTER TABLE elsewhere RENAME TO better_auth_audit")
    assert (await service.sign_in(password="wrong")).status == 401
    assert await list_names(sqlite_database) == ["signed_up", "sign_in_failed"]
