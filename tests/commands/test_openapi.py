import json
from pathlib import Path

from tests.commands.program import run_from_nothing


def test_document_needs_neither_settings_nor_database(tmp_path: Path) -> None:
    done = run_from_nothing(tmp_path, "openapi", PORT="not even a good one")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["openapi"].startswith("3.1")
    assert list(tmp_path.iterdir()) == []


def test_document_is_the_same_each_time(tmp_path: Path) -> None:
    first, second = (run_from_nothing(tmp_path, "openapi", "--plugins") for _ in range(2))
    assert first.stdout == second.stdout
    assert "/sign-in/email" in first.stdout
