"""Times and ids in every form that a column may store them in."""

import asyncio
from typing import Final
from uuid import uuid4

import pytest
from sqlalchemy import Column, MetaData, Table, Text, bindparam, insert, select, text

from app.models.column_types import IdType, is_before, select_text
from app.models.layout import ColumnLayout, Form, Layout, TableLayout
from app.models.tables import make_table, make_timestamp_column
from app.storage.database import Database
from app.storage.postgres.database import PostgresDatabase

pytestmark = pytest.mark.anyio

AT: Final = "2026-11-21T00:44:05.831Z"
LONG_AGO: Final = "1970-01-01T00:00:00.000Z"
SQLITE: Final[list[Form]] = ["iso", "milliseconds", "seconds"]
POSTGRES: Final[list[Form]] = ["timestamptz", "timestamp"]
DECLARED: Final = Table(
    "event",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("ownerId", Text),
    make_timestamp_column("event", "startsAt"),
)


def make_events(form: Form | None = None, ids: Form | None = None) -> Table:
    columns = {
        "id": ColumnLayout("id", ids),
        "ownerId": ColumnLayout("owner"),
        "startsAt": ColumnLayout("starts_at", form),
    }
    return make_table(DECLARED, Layout({"event": TableLayout("happening", columns=columns)}))


async def create(database: Database, table: Table, *times: str) -> None:
    """Makes the table; the rows begin at these times."""
    async with database.begin() as tx:
        await tx.run_sync(table.create)
        for number, time in enumerate(times):
            row = {"id": f"{number}", "ownerId": "", "startsAt": time}
            await tx.execute(insert(table), row)


def cut(time: str, form: Form) -> str:
    return time[:20] + "000Z" if form == "seconds" else time


async def check_time(database: Database, form: Form) -> None:
    """A time comes back, by every way of reading, and is compared as a time."""
    table = make_events(form)
    await create(database, table, AT)
    at, told = table.c.startsAt, cut(AT, form)
    by_id = select(at).where(table.c.id == bindparam("id"))
    assert await database.read_one(by_id, {"id": "0"}) == (told,)
    assert await database.read_all(select(at)) == [(told,)]
    after = select(table.c.id).where(at > bindparam("now"))
    before = select(table.c.id).where(is_before(at, bindparam("now"), database.dialect))
    for statement, now, found in (
        (after, "2026-11-21T00:44:04.831Z", True),
        (after, "2026-11-21T00:44:06.831Z", False),
        (before, "2026-11-21T00:44:04.831Z", False),
        (before, "2026-11-21T00:44:06.831Z", True),
    ):
        rows = await database.read_all(statement, {"now": now})
        assert (rows == [("0",)]) is found, now


@pytest.mark.parametrize("form", SQLITE)
async def test_time_comes_back_and_is_compared_on_sqlite(
    sqlite_database: Database, form: Form
) -> None:
    await check_time(sqlite_database, form)


@pytest.mark.parametrize("form", POSTGRES)
async def test_time_comes_back_and_is_compared_on_postgres(
    postgres_database: Database, form: Form
) -> None:
    await check_time(postgres_database, form)


@pytest.mark.parametrize(
    ("form", "stored"), [("milliseconds", 1795221845831), ("seconds", 1795221845)]
)
async def test_integer_column_stores_an_integer(
    sqlite_database: Database, form: Form, stored: int
) -> None:
    await create(sqlite_database, make_events(form), AT)
    asked = text("SELECT typeof(starts_at), starts_at FROM happening")
    assert await sqlite_database.read_one(asked) == ("integer", stored)


@pytest.mark.parametrize("form", SQLITE)
@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (AT, AT),
        ("2026-11-21T00:44:05.831", AT),
        ("2026-11-21 00:44:05.831", AT),
        ("2026-11-21T02:44:05.831+02:00", AT),
        ("2026-11-21 00:44:05", "2026-11-21T00:44:05.000Z"),
        (1795221845831, AT),
        (1795221845831.0, AT),
        (1795221845, "2026-11-21T00:44:05.000Z"),
        (1795221845.831, AT),
        (0, LONG_AGO),
        (-1, "1969-12-31T23:59:59.000Z"),
        (99_999_999_999, "5138-11-16T09:46:39.000Z"),
        (100_000_000_000, "1973-03-03T09:46:40.000Z"),
        ("soon", LONG_AGO),
        (1e300, LONG_AGO),
    ],
)
async def test_sqlite_reads_a_time_in_any_form(
    sqlite_database: Database, form: Form, stored: str | float, told: str
) -> None:
    table = make_events(form)
    await create(sqlite_database, table, AT)
    async with sqlite_database.begin() as tx:
        await tx.execute(text("UPDATE happening SET starts_at = :stored"), {"stored": stored})
    assert await sqlite_database.read_one(select(table.c.startsAt)) == (told,)


@pytest.mark.parametrize(
    ("form", "stored"), [("iso", 1795221845831), ("milliseconds", 4_000_000_000), ("seconds", AT)]
)
async def test_time_in_another_form_is_not_taken_for_past(
    sqlite_database: Database, form: Form, stored: str | int
) -> None:
    table = make_events(form)
    await create(sqlite_database, table, AT)
    async with sqlite_database.begin() as tx:
        await tx.execute(text("UPDATE happening SET starts_at = :stored"), {"stored": stored})
    is_past = is_before(table.c.startsAt, bindparam("now"), "sqlite")
    past = select(table.c.id).where(is_past)
    assert await sqlite_database.read_all(past, {"now": "2030-01-01T00:00:00.000Z"}) == []


async def test_time_without_a_zone_is_utc_whatever_the_session_says(
    postgres_database: Database,
) -> None:
    table = make_events("timestamp")
    await create(postgres_database, table)
    async with postgres_database.begin() as tx:
        await tx.execute(text("SET LOCAL timezone = 'Asia/Tokyo'"))
        row = {"id": "0", "ownerId": "", "startsAt": AT}
        made = await tx.execute(insert(table).returning(table.c.startsAt), row)
        assert made.all() == [(AT,)]
        same = select(table.c.id).where(table.c.startsAt == AT)
        assert (await tx.execute(same)).all() == [("0",)]
        kept = await tx.execute(text("SELECT starts_at::text FROM happening"))
        assert kept.all() == [("2026-11-21 00:44:05.831",)]


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("infinity", "9999-12-31T23:59:59.999Z"),
        ("10000-01-01", "9999-12-31T23:59:59.999Z"),
        ("0044-03-15 BC", "0001-01-01T00:00:00.000Z"),
        ("-infinity", "0001-01-01T00:00:00.000Z"),
    ],
)
async def test_far_time_without_a_zone_is_read_as_the_nearest(
    postgres_database: Database, stored: str, told: str
) -> None:
    table = make_events("timestamp")
    await create(postgres_database, table, AT)
    async with postgres_database.begin() as tx:
        await tx.execute(text(f"UPDATE happening SET starts_at = '{stored}'"))
    by_id = select(table.c.startsAt).where(table.c.id == bindparam("id"))
    assert await postgres_database.read_one(by_id, {"id": "0"}) == (told,)
    assert await postgres_database.read_all(select(table.c.startsAt)) == [(told,)]


async def add_uuids(database: Database, table: Table, *ids: str) -> None:
    await create(database, table)
    async with database.begin() as tx:
        await tx.execute(
            insert(table), [{"id": each, "ownerId": each, "startsAt": AT} for each in ids]
        )


async def test_id_that_is_a_uuid_is_text_here(postgres_database: Database) -> None:
    table, one = make_events(ids="uuid"), str(uuid4())
    await add_uuids(postgres_database, table, one)
    by_id = select(table.c.id).where(table.c.id == bindparam("id"))
    assert await postgres_database.read_one(by_id, {"id": one}) == (one,)
    assert await postgres_database.read_all(by_id, {"id": one.upper()}) == [(one,)]
    stored = await postgres_database.read_all(text("SELECT id FROM happening"))
    assert str(stored[0][0]) == one


@pytest.mark.parametrize("asked", ["nobody", "", "1", "{}", "0" * 32, "ü", "a\0b"])
async def test_text_that_is_no_uuid_equals_no_id(postgres_database: Database, asked: str) -> None:
    table = make_events(ids="uuid")
    await add_uuids(postgres_database, table, str(uuid4()))
    by_id = select(table.c.id).where(table.c.id == bindparam("id"))
    assert await postgres_database.read_one(by_id, {"id": asked}) is None
    assert await postgres_database.read_all(by_id, {"id": asked}) == []
    among = select(table.c.id).where(table.c.id.in_([asked]))
    assert await postgres_database.read_all(among) == []


async def test_uuids_are_looked_up_together(postgres_database: Database) -> None:
    table, ids = make_events(ids="uuid"), [str(uuid4()) for _ in range(20)]
    await add_uuids(postgres_database, table, *ids)
    by_id = select(table.c.ownerId).where(table.c.id == bindparam("id"))
    assert isinstance(postgres_database, PostgresDatabase)
    assert postgres_database._hot is not None
    assert postgres_database._hot._find_loader(by_id, "id") is not None
    asked = [*ids, "nobody", str(uuid4()), ids[0]]
    found = await asyncio.gather(*(postgres_database.read_one(by_id, {"id": i}) for i in asked))
    told = [None if row is None else row[0] for row in found]
    assert told == [*ids, None, None, ids[0]]


async def test_uuid_is_compared_with_text(postgres_database: Database) -> None:
    table, one = make_events(ids="uuid"), str(uuid4())
    await add_uuids(postgres_database, table, one)
    same = select(table.c.id).where(table.c.ownerId == select_text(table.c.id))
    assert await postgres_database.read_all(same) == [(one,)]


async def test_sqlite_stores_a_uuid_as_text(sqlite_database: Database) -> None:
    table, one = make_events(ids="uuid"), str(uuid4())
    assert isinstance(table.c.id.type, IdType)
    await add_uuids(sqlite_database, table, one)
    by_id = select(table.c.id).where(table.c.id == bindparam("id"))
    assert await sqlite_database.read_one(by_id, {"id": one}) == (one,)
    assert await sqlite_database.read_one(by_id, {"id": "nobody"}) is None


def test_table_has_the_names_of_the_layout_and_the_declared_keys() -> None:
    layout = Layout({"event": TableLayout("happening", "theatre", {"id": ColumnLayout("Id")})})
    made = make_table(DECLARED, layout)
    assert made.fullname == "theatre.happening"
    assert made.c.keys() == DECLARED.c.keys()
    assert [column.name for column in made.c] == ["Id", "ownerId", "startsAt"]


def test_table_that_is_not_in_the_layout_is_the_declared_one() -> None:
    assert make_table(DECLARED, Layout()) is DECLARED
