import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.models.errors import StoreUnavailable
from app.schema.state import is_current
from app.storage.database import Database, DatabaseUrlError, open_database
from app.storage.sqlite import database as sqlite
from app.storage.sqlite import engines
from app.storage.sqlite import file as sqlite_file
from app.storage.sqlite.database import SqliteDatabase
from tests.support.rows import add_user
from tests.support.tables import users

pytestmark = pytest.mark.anyio

_HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
connection.execute('SELECT * FROM "user"').fetchone()
print("held", flush=True)
sys.stdin.read()
"""
_ALL = select(users.c.id)


async def _read_to_write(database: Database) -> None:
    """A transaction is to write from its first statement on, whatever that is."""
    async with database.begin() as tx:
        await tx.execute(_ALL)


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@contextmanager
def _held_elsewhere(url: str, statement: str) -> Iterator[None]:
    """Another process that has run `statement` and holds what locks it took."""
    command = [sys.executable, "-c", _HOLDER, str(_path(url)), statement]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield
        other.communicate()


async def test_hot_reads_do_not_leave_the_event_loop(sqlite_url: str) -> None:
    database = await SqliteDatabase.open(_path(sqlite_url))
    reading = database.read_one(_ALL)
    with pytest.raises(StopIteration):
        reading.send(None)  # it ends without having waited for anything
    await database.close()


async def test_opening_sets_wal_for_good(sqlite_url: str) -> None:
    await (await open_database(sqlite_url)).close()
    with closing(sqlite3.connect(_path(sqlite_url))) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_hot_reads_hold_no_snapshot(sqlite_url: str) -> None:
    database = await SqliteDatabase.open(_path(sqlite_url))
    await add_user(database, "ada")
    await add_user(database, "bob")
    assert await database.read_one(_ALL) is not None
    with closing(sqlite3.connect(_path(sqlite_url))) as plain:
        busy, pages, moved = plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert (busy, pages, moved) == (0, 0, 0)
    await database.close()


async def test_another_processs_commit_is_seen_at_once(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    assert await database.read_one(_ALL) is None
    values = "VALUES ('ada', 'Ada', 'ada@example.com', 0, NULL, '', '')"
    with _held_elsewhere(sqlite_url, f'INSERT INTO "user" {values}'):
        assert await database.read_one(_ALL) == ("ada",)
    await database.close()


async def test_reading_connections_cannot_write(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    await add_user(database, "ada")
    for read in (database.read_one, database.read_all, database.search):
        with pytest.raises(StoreUnavailable):
            await read(text('DELETE FROM "user" RETURNING id'))
    assert await database.read_one(_ALL) == ("ada",)
    await database.close()


async def test_writes_reach_the_disk_before_they_are_answered(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    async with database.begin() as tx:
        pragmas = ("synchronous", "foreign_keys")
        found = [await tx.scalar(text(f"PRAGMA {pragma}")) for pragma in pragmas]
    assert found == [2, 1]
    await database.close()


async def test_one_writer_at_a_time(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    writing = []

    async def write() -> None:
        async with database.begin() as tx:
            writing.append(1)
            assert len(writing) == 1
            await tx.execute(text("DELETE FROM session"))
            writing.pop()

    await asyncio.gather(*(write() for _ in range(10)))
    await database.close()


async def test_a_file_locked_by_another_process_is_an_outage_for_writers(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    database = await open_database(sqlite_url)
    with _held_elsewhere(sqlite_url, "BEGIN IMMEDIATE"):
        with pytest.raises(StoreUnavailable):
            await _read_to_write(database)
        assert await database.read_all(_ALL) == []
    await add_user(database, "ada")
    await database.close()


async def test_a_writer_that_waits_too_long_for_its_turn_is_refused(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "QUEUE_SECONDS", 0.05)
    database = await open_database(sqlite_url)
    async with database.begin():
        with pytest.raises(StoreUnavailable):
            async with database.begin():
                pytest.fail("there is one writer")
    await database.close()


async def test_a_writer_waits_for_another_process(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    with _held_elsewhere(sqlite_url, "BEGIN IMMEDIATE"):
        writing = asyncio.create_task(add_user(database, "ada"))
        assert await database.read_one(_ALL) is None
    await writing
    assert await database.read_one(_ALL) == ("ada",)
    await database.close()


async def test_a_busy_hot_read_falls_back_to_a_thread(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.05)
    database = await open_database(sqlite_url)
    await database.close()
    with closing(sqlite3.connect(_path(sqlite_url), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        blocked = SqliteDatabase(_path(sqlite_url), wal=True)
        with pytest.raises(StoreUnavailable):
            await blocked.read_one(_ALL)
        other.execute("COMMIT")
    assert await blocked.read_one(_ALL) is None
    await blocked.close()


async def test_where_wal_cannot_be_set_reads_still_work(sqlite_url: str) -> None:
    with closing(sqlite3.connect(_path(sqlite_url))) as plain:
        plain.execute("PRAGMA journal_mode=DELETE")
    with _held_elsewhere(sqlite_url, "BEGIN"):
        database = await SqliteDatabase.open(_path(sqlite_url))
        reading = asyncio.ensure_future(database.read_one(_ALL))
        await asyncio.sleep(0)
        assert not reading.done(), "it went to a thread"
        await reading
    await add_user(database, "ada")
    assert await database.read_one(_ALL) == ("ada",)
    await database.close()


async def test_a_file_that_went_away_is_an_outage(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    for file in _path(sqlite_url).parent.glob("auth.db*"):
        file.unlink()
    with pytest.raises(StoreUnavailable):
        await database.ping()
    with pytest.raises(StoreUnavailable):
        async with database.begin():
            pytest.fail("there is nothing to write to")
    assert not _path(sqlite_url).exists()
    await database.close()


async def _everything_refuses(database: Database) -> None:
    for ask in (database.read_one, database.read_all, database.search):
        with pytest.raises(StoreUnavailable):
            await ask(_ALL)
    with pytest.raises(StoreUnavailable):
        await is_current(database)  # what /health/ready asks
    with pytest.raises(StoreUnavailable):
        await add_user(database, "bob")


@pytest.mark.parametrize("replacement", ["nothing", "an older copy"])
async def test_a_file_that_was_moved_away_is_an_outage_until_it_is_back(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, replacement: str
) -> None:
    monkeypatch.setattr(sqlite_file, "LOOK_SECONDS", 0)
    path = _path(sqlite_url)
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    database = await open_database(sqlite_url)
    await add_user(database, "ada")
    moved = path.rename(path.with_name("moved.db"))
    if replacement == "an older copy":
        copy.rename(path)
    await _everything_refuses(database)
    moved.replace(path)
    assert await database.read_all(_ALL) == [("ada",)]
    await add_user(database, "eve")
    assert await database.read_one(select(func.count()).select_from(users)) == (2,)
    await database.close()


@pytest.mark.parametrize("damage", ["garbage", "cut", "emptied"])
@pytest.mark.parametrize("used", [False, True])
async def test_a_file_that_was_damaged_is_an_outage(
    sqlite_url: str, damage: str, used: bool
) -> None:
    database = await open_database(sqlite_url)
    if used:
        await add_user(database, "ada")
        await database.read_all(_ALL)
        await database.search(_ALL)
    with closing(sqlite3.connect(_path(sqlite_url))) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = _path(sqlite_url).read_bytes()
    left = {"garbage": b"garbage" * 10_000, "cut": whole[:4096], "emptied": b""}
    _path(sqlite_url).write_bytes(left[damage])
    await _everything_refuses(database)
    await database.close()


async def test_a_store_that_became_read_only_is_an_outage_for_writers(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)

    async def write() -> None:
        async with database.begin() as tx:
            await tx.execute(text("PRAGMA query_only=ON"))
            await tx.execute(text("DELETE FROM session"))

    with pytest.raises(StoreUnavailable):
        await write()
    await add_user(database, "ada")  # the connection that could not write is not used again
    await database.close()


async def test_a_file_that_cannot_be_written_fails_the_ping(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await open_database(sqlite_url)
    await database.ping()
    monkeypatch.setattr(os, "access", lambda *_: False)  # permissions don't stop root
    with pytest.raises(StoreUnavailable):
        await database.ping()
    await database.close()


async def test_searches_fold_case_beyond_ascii(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    folded = text("SELECT casefold('ÉCOLE'), casefold(NULL)")
    assert await database.search(folded) == [("école", None)]
    await database.close()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/auth.db", "the folder of .*none/auth.db does not exist"),
        ("none.db", "there is not a file .*none.db; `.venv/bin/python -m app migrate` creates it"),
        ("text.db", "text.db can't be used: file is not a database"),
    ],
)
async def test_a_file_that_cannot_be_used_is_one_line(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "text.db").write_text("not a database" * 100)
    with pytest.raises(DatabaseUrlError, match=reason) as caught:
        await open_database(f"sqlite:///{tmp_path / name}")
    assert "\n" not in str(caught.value)


async def test_odd_file_names_are_taken_literally(sqlite_url: str) -> None:
    odd = _path(sqlite_url).parent / "a b%20#c.db"
    _path(sqlite_url).rename(odd)
    database = await open_database(f"sqlite:///{odd}")
    await add_user(database, "ada")
    assert await database.read_one(_ALL) == ("ada",)
    await database.close()
