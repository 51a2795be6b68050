import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.commands.program import SECRET, run

ED = {"BETTER_AUTH_SECRET": SECRET, "BETTER_AUTH_JWT_ALG": "EdDSA"}
HS = {"BETTER_AUTH_SECRET": SECRET}
OTHER = SECRET[::-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a migrated database."""
    assert run(tmp_path, "migrate", **HS).returncode == 0
    return tmp_path


def rows(done: "CompletedProcess[str]") -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return [*map(json.loads, done.stdout.splitlines())]


def test_pairs_are_listed_rotated_and_revoked(folder: Path) -> None:
    empty = run(folder, "keys", "list", **ED)
    assert (empty.returncode, empty.stdout) == (0, "")
    assert empty.stderr == "There are no key pairs yet: the first token makes one.\n"
    (first,) = rows(run(folder, "keys", "rotate", "--json", **ED))
    said = run(folder, "keys", "rotate", **ED).stdout.splitlines()
    new, old = rows(run(folder, "keys", "list", "--json", **ED))
    assert (old["id"], old["signs"], old["opens"]) == (first["new"]["id"], False, True)  # type: ignore[index]  # JSON
    assert (new["signs"], new["expiresAt"]) == (True, None)
    until = f"its tokens stay valid, at most until {old['validUntil']}"
    assert said == [
        f"{new['id']} (EdDSA) signs from now on, in every process.",
        f"{old['id']} (EdDSA) signs no more; {until}",
    ]
    gone = run(folder, "keys", "rotate", "--revoke", **ED).stdout
    assert f"{new['id']} is removed; its tokens are refused" in gone
    (left,) = rows(run(folder, "keys", "list", "--json", **ED))
    assert str(left["id"]) in gone


def test_pair_whose_grace_is_over_is_pruned(folder: Path) -> None:
    short = {**ED, "BETTER_AUTH_JWT_JWKS_GRACE_PERIOD": "0"}
    for _ in range(2):
        run(folder, "keys", "rotate", **short)
    _, old = rows(run(folder, "keys", "list", "--json", **short))
    asked = run(folder, "keys", "prune", "--dry-run", **short)
    assert asked.stdout == f"1 pair would be removed: {old['id']}\n"
    assert rows(run(folder, "keys", "prune", "--json", **short)) == [
        {"removed": [old["id"]], "dryRun": False}
    ]
    assert run(folder, "keys", "prune", **short).stdout == "0 pairs removed\n"
    assert len(rows(run(folder, "keys", "list", "--json", **short))) == 1


def test_shared_secret_is_told_in_one_line(folder: Path) -> None:
    line = "BETTER_AUTH_JWT_ALG is HS256: the shared secret signs access tokens, and no key pair"
    listed = run(folder, "keys", "list", **HS)
    assert (listed.returncode, listed.stdout) == (0, "")
    assert listed.stderr == f"{line} does\n"
    rotated = run(folder, "keys", "rotate", **HS)
    assert (rotated.returncode, rotated.stdout, rotated.stderr) == (1, "", f"{line} does\n")
    run(folder, "keys", "rotate", **ED)
    (left,) = rows(run(folder, "keys", "list", "--json", **HS))
    assert left["signs"] is False


def test_pair_that_signs_but_does_not_open_is_a_failure_with_the_mend(folder: Path) -> None:
    run(folder, "keys", "rotate", **ED)
    other = {**ED, "BETTER_AUTH_SECRET": OTHER}
    found = run(folder, "keys", "list", **other)
    assert found.returncode == 1
    assert "keys rotate" in found.stderr
    assert run(folder, "keys", "rotate", **other).returncode == 0
    assert run(folder, "keys", "list", **other).returncode == 0


def test_database_that_is_not_migrated_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "auth.db").touch()
    done = run(tmp_path, "keys", "list", **ED)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "migrate" in done.stderr
