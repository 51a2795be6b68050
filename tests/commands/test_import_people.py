"""`import` and `export` as operators run them."""

import asyncio
import json
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from app.auth.people.importing import BATCH
from app.commands.database import open_current_database
from app.schema.state import SchemaError
from app.settings.settings import Settings
from tests.commands.people.file import HASHES, jsonl, person
from tests.commands.program import SECRET, environment, run
from tests.system.original_schema import make_original

GIVEN = {"BETTER_AUTH_SECRET": SECRET}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a migrated database and a file of three good rows and a bad one."""
    run(tmp_path, "migrate", **GIVEN)
    good = [person(f"u{n}@b.co", passwordHash=HASHES["bcrypt"]) for n in range(2)]
    (tmp_path / "users.jsonl").write_bytes(jsonl(*good, person("no"), person("none@b.co")))
    return tmp_path


def users(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "auth.db")) as database:
        return int(database.execute('SELECT count(*) FROM "user"').fetchone()[0])


def test_import_says_what_it_did_and_ends_with_3_for_refused_rows(folder: Path) -> None:
    done = run(folder, "import", "users.jsonl", **GIVEN)
    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        "3 imported, 0 existed before, 1 refused",
        "Passwords: 2 bcrypt",
        "Without a password: 1; they can set one with a reset mail",
    ]
    assert done.stderr.splitlines() == [
        "line 3: email is not an email address",
        "all refused rows are in users.jsonl.refused.jsonl",
    ]
    (row,) = (folder / "users.jsonl.refused.jsonl").read_text().splitlines()
    assert json.loads(row) == {"line": 3, "field": "email", "reason": "is not an email address"}


def test_dry_run_writes_nothing_but_the_report(folder: Path) -> None:
    done = run(folder, "import", "users.jsonl", "--dry-run", "--report", "bad.jsonl", **GIVEN)
    assert done.returncode == 3
    assert done.stdout.startswith("Dry run, nothing is written: 3 imported")
    assert (folder / "bad.jsonl").exists()
    assert users(folder) == 0


def test_export_is_for_its_owner_alone_and_imports_elsewhere(folder: Path, tmp_path: Path) -> None:
    run(folder, "import", "users.jsonl", **GIVEN)
    done = run(folder, "export", "out.csv", **GIVEN)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == (
        "3 exported with their password hashes: protect the file like the database\n"
    )
    assert (folder / "out.csv").stat().st_mode & 0o777 == 0o600
    elsewhere = {**GIVEN, "DATABASE_URL": "sqlite:///other.db"}
    run(folder, "migrate", **elsewhere)
    assert run(folder, "import", "out.csv", **elsewhere).returncode == 0
    again = run(folder, "export", "--format", "csv", **elsewhere)
    assert again.stdout.encode() == (folder / "out.csv").read_bytes().replace(b"\r\n", b"\n")


def test_export_replaces_a_file_only_when_told_to(folder: Path) -> None:
    (folder / "out.csv").write_text("mine")
    refused = run(folder, "export", "out.csv", **GIVEN)
    assert refused.returncode == 1
    assert refused.stderr == (
        "out.csv exists already: name another file, or use --force to replace it\n"
    )
    assert (folder / "out.csv").read_text() == "mine"
    assert run(folder, "export", "out.csv", "--force", **GIVEN).returncode == 0
    assert (folder / "out.csv").read_text().startswith("id,")


def test_standard_input_is_read_in_the_format_that_is_named(folder: Path) -> None:
    program = [sys.executable, "-m", "app", "import", "-", "--format", "csv"]
    done = subprocess.run(
        program,
        cwd=folder,
        env=environment(**GIVEN),
        input=b"email,name\na@b.co,Ada\n",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert users(folder) == 1


@pytest.mark.parametrize("command", [("import", "users.jsonl"), ("export", "out.jsonl")])
def test_database_that_is_not_migrated_is_one_line(
    tmp_path: Path, command: tuple[str, str]
) -> None:
    (tmp_path / "users.jsonl").write_bytes(jsonl(person()))
    missing = run(tmp_path, *command, **GIVEN)
    with closing(sqlite3.connect(tmp_path / "auth.db")) as other:
        other.execute("CREATE TABLE x (y)")
    empty = run(tmp_path, *command, **GIVEN)
    for done in (missing, empty):
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert "-m app migrate" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "nowhere.jsonl"], "nowhere.jsonl: No such file or directory"),
        (["import", "."], "Is a directory"),
        (["import", "users.jsonl", "--report", "users.jsonl"], "is the file with the users"),
        (["import", "users.jsonl", "--report", "no/where"], "name another file with --report"),
        (["import", "users.jsonl", "--format", "csv"], "the first line is JSON, not"),
        (["export", "nowhere/out.jsonl"], "No such file or directory"),
    ],
)
def test_file_that_can_not_be_used_is_one_line(
    folder: Path, arguments: list[str], said: str
) -> None:
    done = run(folder, *arguments, **GIVEN)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_adopted_database_is_told_what_node_can_not_read_and_what_is_left_behind(
    tmp_path: Path,
) -> None:
    changes = (
        'ALTER TABLE "user" ADD COLUMN banned integer',
        'ALTER TABLE "user" ADD COLUMN "twoFactorEnabled" integer',
        'UPDATE "user" SET banned = 1',
        """INSERT INTO account (id, "accountId", "providerId", "userId", "createdAt", "updatedAt")
        SELECT 'g', 'g1', 'google', 'ada', "createdAt", "updatedAt" FROM account""",
    )
    asyncio.run(make_original(f"sqlite:///{tmp_path / 'auth.db'}", *changes))
    run(tmp_path, "migrate", **GIVEN)
    hashes = [HASHES["bcrypt"], HASHES["scrypt"], HASHES["argon2"]]
    people = [person(f"u{n}@b.co", passwordHash=each) for n, each in enumerate(hashes)]
    (tmp_path / "users.jsonl").write_bytes(jsonl(*people))
    imported = run(tmp_path, "import", "users.jsonl", **GIVEN)
    assert imported.returncode == 0
    assert imported.stderr.startswith("2 hashes are not scrypt: a Node server")
    assert run(tmp_path, "import", "users.jsonl", **GIVEN).stderr == ""
    exported = run(tmp_path, "export", "out.jsonl", **GIVEN)
    assert exported.stderr.splitlines() == [
        "4 exported with their password hashes: protect the file like the database",
        "1 accounts of other providers are not in it",
        "1 have banned set: import refuses their rows",
    ]


def test_store_that_goes_away_is_one_line_and_how_far_it_was(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "auth.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = run(folder, "import", "users.jsonl", **GIVEN)
    assert done.returncode == 1
    stopped, reason = done.stderr.splitlines()
    assert stopped.startswith("Stopped: 0 imported, 0 existed before, 1 refused. Run it again")
    assert reason == "auth.db cannot be used: database is locked"


@pytest.mark.parametrize("command", [("import", "users.jsonl"), ("export", "-"), ("migrate",)])
def test_database_that_refuses_is_told_alike_by_every_command(
    tmp_path: Path, postgres_server: str, command: tuple[str, ...]
) -> None:
    (tmp_path / "users.jsonl").write_bytes(jsonl(person()))
    url = postgres_server.replace("/postgres?", "/nowhere?")
    done = run(tmp_path, *command, **GIVEN, DATABASE_URL=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.endswith('database "nowhere" does not exist; correct DATABASE_URL\n')


@pytest.mark.anyio
async def test_wrong_password_is_told_in_the_driver_s_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(_dsn: str, **_options: object) -> None:
        raise asyncpg.InvalidPasswordError('password authentication failed for user "u"')

    monkeypatch.setattr(asyncpg, "connect", refuse)
    settings = Settings(secret=SECRET, database_url="postgresql://u:hunter2@db.test/main")
    with pytest.raises(SchemaError) as caught:
        async with open_current_database(settings):
            pass
    assert str(caught.value) == (
        "PostgreSQL at db.test, database main cannot be reached:"
        ' password authentication failed for user "u"; correct DATABASE_URL'
    )


# The rows can be seen a moment before the program hears that they are in.
STOPPED = (
    "Stopped: (500 imported, 0 existed before, 0 refused"
    "|0 imported, 0 existed before, 0 refused; 500 more may be imported, too)"
    r"\. Run it again to continue\.\n"
)


@pytest.mark.parametrize(
    ("how", "status", "said"),
    [(signal.SIGKILL, -signal.SIGKILL, ""), (signal.SIGINT, 130, STOPPED)],
    ids=["SIGKILL", "SIGINT"],
)
def test_killed_in_the_middle_and_run_again_nothing_is_lost_or_twice(
    folder: Path, how: signal.Signals, status: int, said: str
) -> None:
    many = jsonl(*(person(f"u{n}@x.co", passwordHash=HASHES["argon2"]) for n in range(2 * BATCH)))
    program = [sys.executable, "-m", "app", "import", "-", "--report", "bad.jsonl"]
    with subprocess.Popen(
        program,
        cwd=folder,
        env=environment(**GIVEN),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdin is not None
        running.stdin.write(many[: len(many) * 3 // 4])  # a batch and a half, and no end
        running.stdin.flush()
        try:
            while users(folder) < BATCH:
                assert running.poll() is None
            # It waits for more, and gets none: input that ended would be a whole file.
            running.send_signal(how)
            assert running.wait(30) == status
            assert running.stderr is not None
            assert re.fullmatch(said, running.stderr.read().decode())
        finally:
            running.kill()
    assert users(folder) == BATCH
    (folder / "all.jsonl").write_bytes(many)
    done = run(folder, "import", "all.jsonl", **GIVEN)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{BATCH} imported, {BATCH} existed before, 0 refused\n")
    assert users(folder) == 2 * BATCH
