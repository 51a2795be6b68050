"""What `docs/adopting.md` prints works when it is pasted."""

import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from tests.commands.program import run, run_printed
from tests.support.pages import block
from tests.system.js_client.service import SECRET, inherited, running
from tests.system.original_schema import execute, make_original
from tests.system.parity.database import Place
from tests.system.parity.servers import postgres_place
from tests.system.parity.versions import PROGRAMS
from tests.system.shared_database.dumps import dump

pytestmark = pytest.mark.anyio

# What the two-factor plugin of a Node server has, under the names of Drizzle.
_FACTORS = """
ALTER TABLE "user" ADD COLUMN "twoFactorEnabled" boolean;
CREATE TABLE two_factor (id text PRIMARY KEY NOT NULL, secret text NOT NULL,
  backup_codes text NOT NULL, user_id text NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  verified boolean, failed_verification_count integer, locked_until timestamp);
"""

Paste = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture
async def neighbour(place: Place) -> Place:
    await make_original(place.database_url)
    return place


@pytest.fixture
def paste(neighbour: Place, tmp_path: Path) -> Paste:
    """Runs a line of the page where its `.env` lies, pointed at the neighbour's database."""
    settings = block("docs/adopting.md", "Settings", "sh")
    here = f"DATABASE_URL={neighbour.database_url}"
    (tmp_path / ".env").write_text(re.sub(r"^DATABASE_URL=.*$", here, settings, flags=re.MULTILINE))

    return lambda line: run_printed(tmp_path, line, inherited())


async def test_commands_of_the_page_adopt_the_database(neighbour: Place, paste: Paste) -> None:
    check, show, migrate = block("docs/adopting.md", "Do it", "sh").splitlines()
    before = dump(neighbour)
    checked, shown = paste(check), paste(show)
    assert (checked.returncode, shown.returncode) == (1, 0), checked.stderr + shown.stderr
    assert "would adopt" in checked.stdout
    assert dump(neighbour) == before
    answered = block("docs/adopting.md", "Do it", "text").splitlines()[:-1]  # nobody is banned here
    printed = paste(migrate).stdout.splitlines()
    assert [_unnamed(line) for line in printed] == [_unnamed(line) for line in answered]
    assert paste(check).stdout == "The schema is current.\n"


async def test_sql_of_the_page_does_the_same(neighbour: Place, paste: Paste) -> None:
    check, show, _ = block("docs/adopting.md", "Do it", "sh").splitlines()
    await execute(neighbour.database_url, paste(show).stdout)
    assert paste(check).stdout == "The schema is current.\n"


@pytest.mark.parametrize("plugins", ["", "two-factor"])
async def test_lines_that_go_back_leave_no_trace(
    neighbour: Place, paste: Paste, tmp_path: Path, plugins: str
) -> None:
    given = {"BETTER_AUTH_PLUGINS": plugins} if plugins else {}
    if plugins:
        await execute(neighbour.database_url, _FACTORS)
    before = dump(neighbour)
    folder = tmp_path / "served"
    folder.mkdir()
    with running(neighbour.database_url, folder, **given):
        assert ("twoFactorUsedCode" in dump(neighbour)) is bool(plugins)
        assert dump(neighbour) != before
    undo = block("docs/adopting.md", "Go back", "sql")
    if neighbour.file:
        undo = block("docs/adopting.md", "Go back", "sql", 1)
    if neighbour.file:
        assert _journal(neighbour.file) == "wal"
    await execute(neighbour.database_url, undo)
    if neighbour.file:
        assert _journal(neighbour.file) == "delete"
        assert sorted(path.name for path in tmp_path.glob("*.db*")) == ["auth.db"]
    assert dump(neighbour) == before
    assert "would adopt" in paste(block("docs/adopting.md", "Do it", "sh").splitlines()[0]).stdout


@pytest.fixture
def owner(postgres_server: str, tmp_path: Path) -> str:
    """The URL of a database, as its owner."""
    return postgres_place(postgres_server)(tmp_path).url


async def test_role_that_may_make_no_tables_serves_what_its_owner_migrated(
    owner: str, tmp_path: Path
) -> None:
    role = f"app_{uuid4().hex}"
    url = re.sub("//postgres:?@", f"//{role}@", owner)
    given = {"BETTER_AUTH_SECRET": SECRET, "DATABASE_URL": url}
    await make_original(
        owner,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "REVOKE CREATE ON SCHEMA public FROM public",
    )
    refused = run(tmp_path, "migrate", **given)
    assert ": permission denied for database " in refused.stderr
    assert "; grant that to the user of DATABASE_URL, or" in refused.stderr
    assert "let the owner run what `.venv/bin/python -m app migrate --sql` prints" in refused.stderr
    shown = run(tmp_path, "migrate", "--sql", **given).stdout
    grant = block("docs/adopting.md", "Do it", "sql")
    await execute(owner, shown, grant.replace("app;", f"{role};"))
    assert run(tmp_path, "migrate", **given).returncode == 0
    with running(url, tmp_path):
        pass


def test_javascript_of_the_page_is_what_the_tests_run() -> None:
    printed = block("docs/adopting.md", "Passwords", "js")
    assert printed == (PROGRAMS / "passwords.mjs").read_text()


def _unnamed(line: str) -> str:
    """Without the name of a database at its beginning."""
    name, told, rest = line.partition(": adopted the existing tables")
    return told + rest if told else name


def _journal(file: str) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])
