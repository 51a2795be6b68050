"""`python -m app sessions prune`, as the operator runs it."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.commands.sessions.pruning import _delete as delete_expired
from app.models.clock import now, to_iso
from app.settings.settings import Settings
from app.storage.database import open_database
from tests.commands.program import SECRET, run
from tests.support.rows import add_session, add_user
from tests.support.tables import sessions

pytestmark = pytest.mark.anyio
OURS = {"BETTER_AUTH_SECRET": SECRET}


async def fill(url: str, count: int = 3) -> None:
    """One of them has not expired."""
    database = await open_database(url)
    await add_user(database, "ada")
    for n in range(count):
        ends = now() + timedelta(days=-9 if n else 9)
        await add_session(database, "ada", f"{n}", expiresAt=to_iso(ends))
    await database.close()


async def count(url: str) -> int:
    database = await open_database(url)
    rows = await database.read_all(select(func.count()).select_from(sessions))
    await database.close()
    return int(rows[0][0])


async def test_expired_rows_are_counted_then_deleted(database_url: str, tmp_path: Path) -> None:
    await fill(database_url)
    given = {**OURS, "DATABASE_URL": database_url}
    asked = run(tmp_path, "sessions", "prune", "--dry-run", **given)
    assert asked.stdout == "2 sessions, 0 verifications, 0 audit events would be deleted\n"
    assert (asked.returncode, asked.stderr, await count(database_url)) == (0, "", 3)
    done = run(tmp_path, "sessions", "prune", "--json", **given)
    assert json.loads(done.stdout) == {
        "removed": {"sessions": 2, "verifications": 0, "audit": 0},
        "kept": {},
        "dryRun": False,
    }
    assert await count(database_url) == 1
    again = run(tmp_path, "sessions", "prune", **given)
    assert again.stdout == "0 sessions, 0 verifications, 0 audit events deleted\n"


async def test_what_a_setting_keeps_stays_and_the_command_says_so(
    sqlite_url: str, tmp_path: Path
) -> None:
    await fill(sqlite_url)
    given = {
        **OURS,
        "DATABASE_URL": sqlite_url,
        "SESSION_CLEANUP": "false",
        "AUDIT_KEEP_DAYS": "0",
        "BETTER_AUTH_VERIFICATION_DISABLE_CLEANUP": "true",
    }
    done = run(tmp_path, "sessions", "prune", **given)
    assert (done.returncode, done.stdout) == (0, "0 rows deleted\n")
    assert done.stderr.splitlines() == [
        "sessions stay: SESSION_CLEANUP=false keeps them; remove it to delete them",
        (
            "verifications stay: BETTER_AUTH_VERIFICATION_DISABLE_CLEANUP=true keeps them;"
            " remove it to delete them"
        ),
        "audit events stay: AUDIT_KEEP_DAYS=0 keeps them; set a number of days to delete them",
    ]
    assert await count(sqlite_url) == 3
    told = json.loads(run(tmp_path, "sessions", "prune", "--json", **given).stdout)
    assert list(told["kept"]) == ["sessions", "verifications", "audit"]


async def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await fill(sqlite_url)
    rest = asyncio.sleep

    async def interrupted(seconds: float) -> None:
        await rest(0)
        raise KeyboardInterrupt

    monkeypatch.setattr("app.server.cleaning.asyncio.sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        await delete_expired(Settings(secret="", database_url=sqlite_url), dry_run=False)
    said = "Stopped: 2 sessions, 0 verifications, 0 audit events deleted. Run it again to continue."
    assert capsys.readouterr().err == f"{said}\n"
    assert await count(sqlite_url) == 1


def test_database_that_is_not_migrated_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "auth.db").touch()
    done = run(tmp_path, "sessions", "prune", **OURS)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "migrate" in done.stderr
