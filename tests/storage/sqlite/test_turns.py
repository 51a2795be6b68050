"""The turn of the process that tidies up."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from app.storage.database import open_database
from app.storage.sqlite.folder_lock import lock_folder
from tests.support.pages import ROOT

pytestmark = pytest.mark.anyio


async def test_what_was_written_in_a_turn_is_in_the_file_when_it_ends(sqlite_url: str) -> None:
    """A later commit need not do it, while somebody waits."""
    path = Path(sqlite_url.partition("///")[2])
    database = await open_database(sqlite_url)
    async with database.take_turn() as taken:
        assert taken
        async with database.begin() as tx:
            await tx.execute(text("CREATE TABLE more (id INTEGER)"))
        assert not is_in_file(path)
    assert is_in_file(path)
    await database.close()


def is_in_file(path: Path) -> bool:
    """Whether the table is there for a reader that does not look into the write-ahead log."""
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as reader:
        found = reader.execute("SELECT name FROM sqlite_master WHERE name = 'more'").fetchall()
    return bool(found)


@pytest.mark.skipif(sys.platform == "win32", reason="a folder cannot be locked there")
def test_folder_is_locked_once_and_free_again(tmp_path: Path) -> None:
    with lock_folder(tmp_path) as first, lock_folder(tmp_path) as second:
        assert (first, second) == (True, False)
    with lock_folder(tmp_path) as again:
        assert again


@pytest.mark.skipif(sys.platform == "win32", reason="a folder cannot be locked there")
def test_process_that_dies_gives_its_turn_back(tmp_path: Path) -> None:
    holding = (
        "import sys, pathlib; from app.storage.sqlite.folder_lock import lock_folder\n"
        "with lock_folder(pathlib.Path(sys.argv[1])) as taken: print(taken, flush=True); input()"
    )
    command = [sys.executable, "-c", holding, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        with lock_folder(tmp_path) as meanwhile:
            assert not meanwhile
        other.kill()
        other.wait()
        with lock_folder(tmp_path) as afterwards:
            assert afterwards


def test_folder_that_cannot_be_locked_keeps_nobody_from_its_turn(tmp_path: Path) -> None:
    with lock_folder(tmp_path / "gone") as taken:
        assert taken
