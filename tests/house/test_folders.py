"""What tests write is gone when it is of no use any more."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import memory


@pytest.fixture
def left() -> Iterator[list[Path]]:
    """Folders that the tests of this module must not leave; asked for before `tmp_path`."""
    folders: list[Path] = []
    yield folders
    assert [folder for folder in folders if folder.exists()] == []


def test_folder_of_a_test_that_passed_is_gone(left: list[Path], tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"0" * 1000)
    left.append(tmp_path)


def make_folders(place: Path, pid: int) -> list[Path]:
    """As the PostgreSQL server and the tests of a run have them."""
    server, tests = place / f"better-auth-postgres-{pid}-x", place / f"pytest-of-ada/pytest-{pid}"
    for folder in (server, tests):
        folder.mkdir(parents=True)
        (folder / "data").touch()
    (tests / ".lock").write_text(str(pid))
    return [server, tests]


def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    left, kept = make_folders(tmp_path, ended.pid), make_folders(tmp_path, os.getpid())
    memory.clear(tmp_path)
    assert [folder.exists() for folder in left] == [False, False]
    assert [folder.exists() for folder in kept] == [True, True]


def test_it_is_cleared_away_where_nobody_asks_how_a_process_ended(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        left = make_folders(tmp_path, ended.pid)
        if sys.platform == "linux":  # no other system has this folder in memory
            os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        else:
            ended.wait()
        memory.clear(tmp_path)
    assert [folder.exists() for folder in left] == [False, False]


def test_nothing_is_cleared_away_without_an_owner(tmp_path: Path) -> None:
    kept = [tmp_path / "better-auth-postgres-x1y2", tmp_path / "pytest-of-ada" / "pytest-0"]
    for folder in kept:
        folder.mkdir(parents=True)
    (kept[1] / ".lock").touch()
    memory.clear(tmp_path)
    assert [folder.exists() for folder in kept] == [True, True]
