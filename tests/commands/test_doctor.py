import json
from pathlib import Path

import pytest

from tests.commands.program import SECRET, run

GIVEN = {"BETTER_AUTH_SECRET": SECRET}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a migrated database that its owner alone reads."""
    tmp_path.chmod(0o700)
    assert run(tmp_path, "migrate", **GIVEN).returncode == 0
    return tmp_path


def test_service_in_order_is_status_zero_a_line_for_each_check(folder: Path) -> None:
    done = run(folder, "doctor", **GIVEN)
    assert (done.returncode, done.stderr) == (0, "")
    *lines, end = done.stdout.splitlines()
    assert {line[:11].strip() for line in lines} <= {"ok", "warning"}
    assert {"settings", "secret", "database", "hashing"} <= {line.split()[1] for line in lines}
    assert end == "Nothing is wrong."
    assert SECRET not in done.stdout


def test_what_is_wrong_is_status_one_with_the_mend(folder: Path) -> None:
    (folder / "auth.db").chmod(0o644)
    done = run(folder, "doctor", **GIVEN)
    assert done.returncode == 1
    (line,) = (each for each in done.stdout.splitlines() if each.startswith("wrong"))
    assert line.endswith(
        "every user of this machine may read auth.db: let the account of the service own it, then"
        " chmod go= auth.db"
    )
    assert done.stdout.splitlines()[-1] == "1 wrong."


def test_warnings_alone_are_status_zero(folder: Path) -> None:
    (folder / "auth.db").chmod(0o640)
    done = run(folder, "doctor", **GIVEN)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 warning.")


def test_bad_settings_are_findings_and_the_rest_is_not_checked(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", "--json", BETTER_AUTH_SECRET="short", BETTER_AUTH_URL="x")
    assert (done.returncode, done.stderr) == (1, "")
    *wrong, last = map(json.loads, done.stdout.splitlines())
    assert {each["result"] for each in wrong} == {"wrong"}
    assert any("BETTER_AUTH_SECRET" in each["line"] for each in wrong)
    assert (last["check"], last["result"]) == ("settings", "not checked")


def test_notices_of_the_settings_are_warnings(folder: Path) -> None:
    (folder / ".env").touch(0o600)
    (folder / ".env").write_text("a line without a sign\n")
    done = run(folder, "doctor", **GIVEN)
    assert done.returncode == 0
    assert "warning      settings        line 1 of .env is ignored" in done.stdout


def test_running_service_that_does_not_answer_is_wrong(folder: Path) -> None:
    done = run(folder, "doctor", "--url", "http://127.0.0.1:1", "--json", **GIVEN)
    assert done.returncode == 1
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["check"], last["result"]) == ("public address", "wrong")
