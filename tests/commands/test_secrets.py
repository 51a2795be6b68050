"""The way of docs/secrets.md: an old secret is counted, no longer needed, and then left out."""

import json
from pathlib import Path

import pytest

from tests.commands.program import SECRET, run

NEW = SECRET[::-1]
ED = {"BETTER_AUTH_JWT_ALG": "EdDSA"}
ONE = {**ED, "BETTER_AUTH_SECRET": SECRET}
BOTH = {**ONE, "BETTER_AUTH_SECRETS": f"2:{NEW},1:{SECRET}"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a migrated database, and a key pair that the old secret encrypted."""
    assert run(tmp_path, "migrate", **ONE).returncode == 0
    assert run(tmp_path, "keys", "rotate", **ONE).returncode == 0
    return tmp_path


def lines(folder: Path, **given: str) -> list[str]:
    done = run(folder, "secrets", "check", **given)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_old_secret_is_needed_until_all_is_encrypted_again(folder: Path) -> None:
    assert lines(folder, **ONE) == [
        "BETTER_AUTH_SECRET  signs and encrypts now; opens private keys (1)"
    ]
    current, old, plain = lines(folder, **BOTH)
    assert current == "BETTER_AUTH_SECRETS, version 2  signs and encrypts now"
    assert old == (
        "BETTER_AUTH_SECRETS, version 1  may be removed when another one has been the first for"
        " 7 days (clients hold: session cookies 7 days, mailed links 1 hour)"
    )
    needed = "still needed for private keys (1): `.venv/bin/python -m app secrets reencrypt` ends"
    assert plain == f"BETTER_AUTH_SECRET              {needed} that"
    again = run(folder, "secrets", "reencrypt", **BOTH)
    assert again.stdout == "encrypted with the first secret: private keys (1)\n"
    assert run(folder, "secrets", "reencrypt", **BOTH).stdout == "nothing to do\n"
    current, old, plain = lines(folder, **BOTH)
    assert current.endswith("signs and encrypts now; opens private keys (1)")
    assert plain == "BETTER_AUTH_SECRET              may be removed"
    assert run(folder, "keys", "list", **{**ED, "BETTER_AUTH_SECRETS": f"2:{NEW}"}).returncode == 0


def test_secret_that_is_rolled_out_is_not_one_to_remove(folder: Path) -> None:
    first, second, _ = lines(folder, **{**ONE, "BETTER_AUTH_SECRETS": f"1:{SECRET},2:{NEW}"})
    assert first.endswith("signs and encrypts now")
    assert second.endswith("not the first yet: put it first when every process has it")


def test_what_no_secret_opens_is_status_one_with_the_mend(folder: Path) -> None:
    lost = {**ED, "BETTER_AUTH_SECRET": NEW}
    done = run(folder, "secrets", "check", **lost)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == (
        "no secret opens private keys (1): `.venv/bin/python -m app keys rotate` makes a new pair"
    )
    found = json.loads(run(folder, "secrets", "check", "--json", **lost).stdout)
    assert found["unopened"] == {"private keys": 1}
    assert run(folder, "keys", "rotate", **lost).returncode == 0
    assert run(folder, "secrets", "check", **lost).returncode == 0


def test_json_has_the_counts_and_never_a_secret(folder: Path) -> None:
    done = run(folder, "secrets", "check", "--json", **BOTH)
    found = json.loads(done.stdout)
    assert [each["secret"][-1] for each in found["secrets"]] == ["2", "1", "T"]
    assert [each["opens"] for each in found["secrets"]] == [{}, {}, {"private keys": 1}]
    assert [each["needed"] for each in found["secrets"]] == [True, False, True]
    assert found["signed"] == {"session cookies": 604800, "mailed links": 3600}
    assert SECRET not in done.stdout
    assert NEW not in done.stdout
