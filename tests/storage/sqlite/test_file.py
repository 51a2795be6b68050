import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models.errors import StoreUnavailable
from app.schema.migrate import migrate
from app.storage.database import open_database
from app.storage.notices import find_store_notices
from app.storage.sqlite.file import LOOK_SECONDS, SqliteFile, find_readable
from tests.support.rows import add_user


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "auth.db"
    made.write_text("rows")
    return made


def test_hot_reads_look_once_in_a_while(path: Path) -> None:
    clock = Clock()
    file = SqliteFile(path, clock=clock)
    path.rename(path.with_name("moved.db"))
    clock.seconds = LOOK_SECONDS * 0.9
    file.require_lately()
    clock.seconds = LOOK_SECONDS
    with pytest.raises(StoreUnavailable):
        file.require_lately()


def test_a_file_that_is_away_is_looked_for_by_every_read(path: Path) -> None:
    file = SqliteFile(path, clock=Clock())
    moved = path.rename(path.with_name("moved.db"))
    with pytest.raises(StoreUnavailable):
        file.require()
    with pytest.raises(StoreUnavailable):
        file.require_lately()
    moved.rename(path)
    file.require_lately()


def test_another_file_of_the_same_name_is_refused(path: Path) -> None:
    file = SqliteFile(path)
    path.rename(path.with_name("moved.db"))
    path.write_text("rows")
    with pytest.raises(StoreUnavailable):
        file.require()


def test_an_emptied_file_is_refused(path: Path) -> None:
    file = SqliteFile(path)
    path.write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        file.require()


def test_the_log_tells_once_that_it_went_and_once_that_it_is_back(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    file = SqliteFile(path)
    moved = path.rename(path.with_name("moved.db"))
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            file.require()
    moved.rename(path)
    for _ in range(3):
        file.require()
    [away, back] = caplog.messages
    assert "until it is back or the service is restarted" in away
    assert back == f"{path} is back"


def test_writing_needs_the_file_and_its_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = SqliteFile(path)
    file.require_writable()
    for protected in (path, path.parent):
        # Who runs the tests may be root, whom permissions don't stop.
        monkeypatch.setattr(os, "access", lambda asked, _, no=protected: asked != no)
        with pytest.raises(StoreUnavailable):
            file.require_writable()


@pytest.fixture(params=[0, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    usual = os.umask(request.param)
    yield
    os.umask(usual)


@pytest.mark.anyio
@pytest.mark.usefixtures("umask")
async def test_files_that_are_made_are_for_their_owner_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'auth.db'}"
    await migrate(url)
    database = await open_database(url)
    await add_user(database, "ada")
    modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    await database.close()
    assert modes == {"auth.db": 0o600, "auth.db-wal": 0o600, "auth.db-shm": 0o600}


@pytest.mark.anyio
async def test_files_that_all_can_read_are_told_of(path: Path) -> None:
    path.chmod(0o640)
    assert find_readable(path) == []
    log = path.with_name("auth.db-wal")
    log.touch()
    for each in (path, log):
        each.chmod(0o644)
    (line,) = [each async for each in find_store_notices(f"sqlite:///{path}")]
    assert line.startswith("every user of this machine can read ")
    assert line.endswith(f": chmod o= {path} {log}")


def test_file_in_a_place_that_is_not_there_is_not_readable(tmp_path: Path) -> None:
    assert find_readable(tmp_path / "none.db") == []
