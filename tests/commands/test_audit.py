"""`audit list`, and what the commands themselves tell."""

import json
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, get_args

import pytest
from sqlalchemy import text

from app.auth.audit.audit import DatabaseAudit
from app.auth.audit.events import Event, EventName
from app.auth.background_tasks import BackgroundTasks
from app.models.clock import now
from app.storage.database import Database
from tests.commands.program import SECRET, run
from tests.support.pages import ROOT, block
from tests.support.rows import add_user
from tests.support.tables import TABLES

pytestmark = pytest.mark.anyio

PAGE = "docs/audit.md"


class Told:
    """A database with events, and the command that lists them."""

    def __init__(self, folder: Path, url: str, database: Database) -> None:
        self.folder = folder
        self.database = database
        self.environment = {"BETTER_AUTH_SECRET": SECRET, "DATABASE_URL": url}

    async def tell(self, *events: Event, hours: float = 0) -> None:
        at = now() - timedelta(hours=hours)
        audit = DatabaseAudit(self.database, TABLES, BackgroundTasks(), clock=lambda: at)
        await audit.write(*events)

    def run(self, *options: str, **more: str) -> "CompletedProcess[str]":
        return run(self.folder, "audit", "list", *options, **self.environment, **more)

    def rows(self, *options: str) -> list[dict[str, Any]]:
        done = self.run("--json", *options)
        assert done.returncode == 0, done.stderr
        return [*map(json.loads, done.stdout.splitlines())]


@pytest.fixture
async def told(tmp_path: Path, database: Database, database_url: str) -> Told:
    await add_user(database, "ada")
    made = Told(tmp_path, database_url, database)
    await made.tell(Event("signed_up", "ada", details={"method": "password"}), hours=50)
    await made.tell(Event("user_updated", "ada", details={"fields": ["image", "name"]}), hours=3)
    await made.tell(Event("sign_in_failed", "eve", reason="BANNED_USER"), hours=1)
    return made


async def test_events_are_listed_while_redis_is_down(told: Told) -> None:
    done = told.run("--json", REDIS_URL="redis://127.0.0.1:1")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)


async def test_newest_events_come_first_and_can_be_chosen(told: Told) -> None:
    names = [row["event"] for row in told.rows()]
    assert names == ["sign_in_failed", "user_updated", "signed_up"]
    assert [row["event"] for row in told.rows("--limit", "1")] == ["sign_in_failed"]
    assert [row["event"] for row in told.rows("--email", "ADA@example.com")] == names[1:]
    assert [row["event"] for row in told.rows("--id", "eve")] == names[:1]
    assert [row["event"] for row in told.rows("--event", "signed_up")] == names[2:]
    assert [row["event"] for row in told.rows("--since", "2h")] == names[:1]
    today = f"{now():%Y-%m-%d}"
    assert all(row["createdAt"] >= today for row in told.rows("--since", today))
    assert len(told.rows("--since", "2020-01-01T12:00:00+02:00")) == len(names)


@pytest.mark.engines("sqlite")
async def test_line_for_people_says_why(told: Told) -> None:
    heading, failed, updated, signed = told.run().stdout.splitlines()
    assert heading.split() == ["TIME", "EVENT", "BY", "USER", "ADDRESS", "WHY", "COUNT", "REQUEST"]
    assert failed.split()[1:] == ["sign_in_failed", "system", "eve", "-", "BANNED_USER", "1", "-"]
    assert "fields=image,name" in updated
    assert "method=password" in signed


@pytest.mark.engines("sqlite")
async def test_faults_are_one_line(told: Told) -> None:
    unknown = told.run("--email", "nobody@example.com")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr.startswith("nobody has this address: ")
    off = told.run(AUDIT="false")
    assert off.returncode == 1
    assert off.stderr.startswith("the audit is off here: set AUDIT=true and run ")
    for wrong in (["--since", "soon"], ["--event", "signed-in"], ["--limit", "0"]):
        assert told.run(*wrong).returncode == 2
    both = told.run("--email", "a@b.c", "--id", "ada")
    assert both.returncode == 2
    none = told.run("--event", "banned")
    assert (none.returncode, none.stderr) == (0, "There are no such events.\n")


@pytest.mark.engines("sqlite")
async def test_import_is_told_with_the_operator_and_how_many(told: Told) -> None:
    lines = [json.dumps({"name": "Bo", "email": f"bo{n}@example.com"}) for n in range(3)]
    (told.folder / "people.jsonl").write_text("\n".join(lines))
    for options in (["--dry-run"], [], []):
        done = run(told.folder, "import", *options, "people.jsonl", **told.environment)
        assert done.returncode == 0, done.stderr
    (row,) = told.rows("--event", "imported")
    assert (row["details"], row["actor"]) == ({"count": 3}, "operator")
    assert row["actorId"]
    assert row["requestId"] is row["ipAddress"] is None


async def test_queries_of_the_page_run(told: Told) -> None:
    who = block("docs/audit.md", "Queries", "sql")
    guesses = block("docs/audit.md", "Queries", "sql", 1)
    for query in (who, guesses):
        await told.database.read_all(text(query.rstrip().removesuffix(";")))


def test_page_explains_every_event_and_no_other() -> None:
    page = (ROOT / PAGE).read_text().partition("## Events\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = {name.strip(" `") for cell in cells for name in cell.split(",")}
    assert named == {*get_args(EventName)}
