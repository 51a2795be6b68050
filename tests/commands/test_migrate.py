import asyncio
from pathlib import Path

import pytest

from tests.commands.program import SECRET, run
from tests.system.original_schema import make_original


def test_makes_the_database_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    before = run(tmp_path, "migrate", "--check", BETTER_AUTH_SECRET=SECRET)
    assert before.returncode == 1
    assert before.stderr == ""
    assert not (tmp_path / "auth.db").exists()
    assert run(tmp_path, "migrate", BETTER_AUTH_SECRET=SECRET).returncode == 0
    after = run(tmp_path, "migrate", "--check", BETTER_AUTH_SECRET=SECRET)
    assert (after.returncode, after.stdout) == (0, "The schema is current.\n")


def test_sql_is_shown_and_not_run(tmp_path: Path) -> None:
    run(tmp_path, "migrate", BETTER_AUTH_SECRET=SECRET, TASK_API="false")
    done = run(tmp_path, "migrate", "--sql", BETTER_AUTH_SECRET=SECRET, TASK_API="true")
    assert "create table if not exists tasks" in done.stdout.lower()
    assert run(
        tmp_path, "migrate", "--check", BETTER_AUTH_SECRET=SECRET, TASK_API="true"
    ).returncode


def test_no_sql_is_explained_beside_the_output(tmp_path: Path) -> None:
    run(tmp_path, "migrate", BETTER_AUTH_SECRET=SECRET)
    done = run(tmp_path, "migrate", "--sql", BETTER_AUTH_SECRET=SECRET)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "The schema is current.\n"


def test_bad_url_is_one_line_without_the_password(tmp_path: Path) -> None:
    given = {"BETTER_AUTH_SECRET": SECRET, "DATABASE_URL": "mysql://root:hunter2@localhost/x"}
    done = run(tmp_path, "migrate", **given)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "hunter2" not in done.stderr


def test_unreachable_database_is_one_line(tmp_path: Path) -> None:
    given = {"BETTER_AUTH_SECRET": SECRET, "DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/x"}
    done = run(tmp_path, "migrate", **given)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    ("given", "told", "untold"),
    [
        ({}, ["hashed with scrypt", "tokens have no email"], ["hashed with argon2id"]),
        (
            {"BETTER_AUTH_PASSWORD_HASH": "argon2id"},
            ["hashed with argon2id, old ones", "docs/adopting.md"],
            ["with scrypt"],
        ),
        ({"BETTER_AUTH_JWT_CLAIMS": "name,email"}, ["hashed with scrypt"], ["have no email"]),
        ({"BETTER_AUTH_JWT_ALG": "EdDSA"}, ["hashed with scrypt"], ["have no email"]),
    ],
)
def test_tells_what_is_in_force_on_an_adopted_database(
    tmp_path: Path, given: dict[str, str], told: list[str], untold: list[str]
) -> None:
    asyncio.run(make_original(f"sqlite:///{tmp_path / 'auth.db'}"))
    done = run(tmp_path, "migrate", BETTER_AUTH_SECRET=SECRET, **given)
    assert all(part in done.stdout for part in told), done.stdout
    assert not any(part in done.stdout for part in untold), done.stdout


def test_tells_the_hash_that_is_in_force_on_a_database_of_ours(tmp_path: Path) -> None:
    given = {"BETTER_AUTH_SECRET": SECRET, "BETTER_AUTH_PASSWORD_HASH": "scrypt"}
    assert "new passwords are hashed with scrypt\n" in run(tmp_path, "migrate", **given).stdout


def test_check_tells_who_would_be_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'auth.db'}"
    flagged = 'ALTER TABLE "user" ADD COLUMN banned integer; UPDATE "user" SET banned = 1'
    asyncio.run(make_original(url, flagged))
    given = {"BETTER_AUTH_SECRET": SECRET, "DATABASE_URL": url}
    refused = "1 with banned set: refused at sign-in, because the plugin admin is off here"
    before = run(tmp_path, "migrate", "--check", **given)
    assert (before.returncode, before.stdout.splitlines()[-1][: len(refused)]) == (1, refused)
    assert run(tmp_path, "migrate", **given).returncode == 0
    after = run(tmp_path, "migrate", "--check", **given)
    assert (after.returncode, after.stdout.splitlines()[0]) == (0, "The schema is current.")
    assert after.stdout.splitlines()[-1].startswith(refused)
