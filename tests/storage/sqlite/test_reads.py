"""Reads without SQLAlchemy's part give what those with it give."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import Executable, Text, bindparam, select, type_coerce
from sqlalchemy.exc import OperationalError

from app.models.errors import StoreUnavailable
from app.models.mappers import make_mappers
from app.storage.database import Database
from app.storage.sqlite.database import SqliteDatabase
from app.storage.sqlite.reads import CACHE_KIB, HeldReads
from tests.support.additional import grown
from tests.support.hot_reads import ADA, BY_ID, BY_MOMENT, assert_same
from tests.support.rows import add_session, add_user
from tests.support.sqlite_file import path_of
from tests.support.tables import TABLES, users

pytestmark = pytest.mark.anyio


def held(database: Database) -> HeldReads:
    assert isinstance(database, SqliteDatabase)
    assert database._held is not None
    return database._held


async def same(database: Database, statement: Executable, **parameters: object) -> None:
    """The row, which both ways must find."""
    found = held(database).read_one(statement, parameters)
    await assert_same(found, database, statement, parameters)


async def test_row_is_the_same_with_names_and_types(sqlite_database: Database) -> None:
    await add_user(sqlite_database, "ada")
    await same(sqlite_database, BY_ID, id="ada")


async def test_moment_that_is_none_is_long_ago(sqlite_database: Database, sqlite_url: str) -> None:
    await add_user(sqlite_database, "ada")
    with closing(sqlite3.connect(path_of(sqlite_url))) as other, other:
        other.execute("""UPDATE "user" SET "createdAt" = 'soon', "updatedAt" = '2030-01-02'""")
    await same(sqlite_database, BY_ID, id="ada")


async def test_moment_in_the_wire_form_may_be_asked_for(sqlite_database: Database) -> None:
    await add_user(sqlite_database, "ada")
    await add_session(sqlite_database, "ada", "one", expiresAt="2030-01-02T03:04:05.678Z")
    await same(sqlite_database, BY_MOMENT, moment="2030-01-02T03:04:05.678Z")


async def test_additional_fields_are_the_same(empty_sqlite_url: str) -> None:
    fields: dict[str, object] = {"age": 5, "tags": ["a"], "prefs": {"a": [None]}}
    more: dict[str, object] = {"newsletter": False, "since": "2026-01-01T00:00:00.000Z"}
    async with grown(empty_sqlite_url) as service:
        await service.post("/sign-up/email", {**ADA, **fields, **more})
        mapper = make_mappers(service.settings.additional_fields, "sqlite", TABLES)
        statement = select(*mapper.user.columns).where(mapper.user.table.c.email == bindparam("e"))
        await same(service.database, statement, e="ada@example.com")


async def test_constants_of_a_statement_are_kept(sqlite_database: Database) -> None:
    for name in ("ada", "eve"):
        await add_user(sqlite_database, name)
    named = select(users.c.id).where(users.c.name == "Ada", users.c.email != "x")
    statement = named.where(users.c.id == bindparam("id")).limit(1)
    await same(sqlite_database, statement, id="ada")
    assert await sqlite_database.read_one(statement, {"id": "eve"}) is None


async def test_they_do_not_leave_the_event_loop(sqlite_database: Database) -> None:
    reading = sqlite_database.read_one(BY_ID, {"id": "ada"})
    with pytest.raises(StopIteration):
        reading.send(None)  # it ends without having waited for anything


async def test_they_hold_no_snapshot(sqlite_database: Database, sqlite_url: str) -> None:
    for name in ("ada", "bob"):
        await add_user(sqlite_database, name)
    every = select(users.c.id).where(users.c.id != bindparam("id"))
    assert await sqlite_database.read_one(every, {"id": "eve"}) is not None
    with closing(sqlite3.connect(path_of(sqlite_url))) as other:
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)


async def test_fault_is_told_as_sqlalchemy_tells_it(sqlite_database: Database) -> None:
    missing = (
        select(type_coerce(users.c.id, Text))
        .where(users.c.id == bindparam("id"))
        .prefix_with("nothing,")
    )
    with pytest.raises(OperationalError, match="nothing"):
        await sqlite_database.read_one(missing, {"id": "ada"})


async def test_table_that_changed_under_a_plan_is_read_anew(
    sqlite_database: Database, sqlite_url: str
) -> None:
    await add_user(sqlite_database, "ada")
    await same(sqlite_database, BY_ID, id="ada")
    with closing(sqlite3.connect(path_of(sqlite_url))) as other:
        other.execute('ALTER TABLE "user" ADD COLUMN nickname TEXT')
    await same(sqlite_database, BY_ID, id="ada")


async def test_file_that_is_locked_is_an_outage(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.storage.sqlite.engines.BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(path_of(sqlite_url), isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        blocked = SqliteDatabase(path_of(sqlite_url), wal=True)
        with pytest.raises(StoreUnavailable):
            await blocked.read_one(BY_ID, {"id": "ada"})
        other.execute("COMMIT")
    assert await blocked.read_one(BY_ID, {"id": "ada"}) is None
    await blocked.close()


async def test_they_have_room_for_the_inner_pages_of_large_indexes(
    sqlite_database: Database,
) -> None:
    size = held(sqlite_database)._raw.execute("PRAGMA cache_size").fetchall()
    assert size == [(-CACHE_KIB,)]
