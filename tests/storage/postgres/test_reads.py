"""Reads without SQLAlchemy's part give what those with it give."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import (
    TIMESTAMP,
    Row,
    Text,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.sql.base import Executable

from app.models.errors import StoreUnavailable
from app.models.mappers import make_mappers
from app.storage.compiled import StoredRow
from app.storage.database import Database, open_database
from app.storage.postgres.database import PostgresDatabase
from app.storage.postgres.reads import HotReads, make_batched_select
from tests.support.additional import grown
from tests.support.hot_reads import ADA, BY_ID, BY_MOMENT, assert_same
from tests.support.rows import add_session, add_user
from tests.support.service import bearer
from tests.support.tables import TABLES, sessions, users

pytestmark = pytest.mark.anyio


def hot(database: Database) -> HotReads:
    assert isinstance(database, PostgresDatabase)
    assert database._hot is not None
    return database._hot


async def same(database: Database, statement: Executable, **parameters: object) -> None:
    """The row, which both ways must find."""
    found = await hot(database).read_one(statement, parameters)
    await assert_same(found, database, statement, parameters)


async def test_row_is_the_same_with_names_and_types(postgres_database: Database) -> None:
    await add_user(postgres_database, "ada")
    await same(postgres_database, BY_ID, id="ada")


async def test_moment_in_the_wire_form_may_be_asked_for(postgres_database: Database) -> None:
    await add_user(postgres_database, "ada")
    await add_session(postgres_database, "ada", "one", expiresAt="2030-01-02T03:04:05.678Z")
    await same(postgres_database, BY_MOMENT, moment="2030-01-02T03:04:05.678Z")


async def test_additional_fields_of_every_kind_are_the_same(empty_postgres_url: str) -> None:
    user: dict[str, object] = {
        "age": 5,
        "score": 9007199254740993,
        "tags": ["a"],
        "counts": [1.5, 2],
    }
    more: dict[str, object] = {
        "prefs": {"a": [None]},
        "newsletter": False,
        "since": "2026-01-01T00:00:00.000Z",
    }
    async with grown(empty_postgres_url) as service:
        token = (await service.post("/sign-up/email", {**ADA, **user, **more})).json()["token"]
        mapper = make_mappers(service.settings.additional_fields, "postgresql", TABLES)
        table = mapper.user.table
        statement = select(*mapper.user.columns).where(table.c.email == bindparam("email"))
        await same(service.database, statement, email="ada@example.com")
        told = (await service.get("/get-session", bearer(token))).json()["user"]
    assert {name: told[name] for name in more} == more


async def test_no_row_is_none(postgres_database: Database) -> None:
    assert await postgres_database.read_one(BY_ID, {"id": "nobody"}) is None


async def test_each_of_many_has_its_own_row(postgres_database: Database) -> None:
    names = [f"user-{number}" for number in range(30)]
    for name in names:
        await add_user(postgres_database, name)
    asked = ["nobody", *names, names[0]]
    reads = [hot(postgres_database).read_one(BY_ID, {"id": name}) for name in asked]
    nobody, *found = await asyncio.gather(*reads)
    assert nobody is None
    for name, row in zip(asked[1:], found, strict=True):
        await assert_same(row, postgres_database, BY_ID, {"id": name})


@pytest.mark.parametrize("name", ["a\0b", "\ud800"], ids=["nul", "surrogate"])
async def test_text_that_no_table_holds_spoils_nobodys_read(
    postgres_database: Database, name: str
) -> None:
    await add_user(postgres_database, "ada")
    reads = hot(postgres_database)
    spoilt, found = await asyncio.gather(
        reads.read_one(BY_ID, {"id": name}),
        reads.read_one(BY_ID, {"id": "ada"}),
        return_exceptions=True,
    )
    assert isinstance(spoilt, asyncpg.DataError)
    assert isinstance(found, StoredRow)
    await assert_same(found, postgres_database, BY_ID, {"id": "ada"})


async def test_only_what_is_text_in_the_table_is_asked_for_together(
    postgres_database: Database,
) -> None:
    reads = hot(postgres_database)
    assert reads._find_loader(BY_ID, "id") is not None
    assert reads._find_loader(BY_MOMENT, "moment") is None


async def test_refusal_is_each_askers_own(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(asyncpg, "connect", away)
    reads = (postgres_database.read_one(BY_ID, {"id": name}) for name in ("ada", "eve"))
    one, other = await asyncio.gather(*reads, return_exceptions=True)
    assert isinstance(one, StoreUnavailable)
    assert isinstance(other, StoreUnavailable)
    assert one is not other


async def test_row_that_cannot_be_read_spoils_nobodys_read(postgres_database: Database) -> None:
    for name in ("ada", "eve"):
        await add_user(postgres_database, name)
        await add_session(postgres_database, name, name)
    async with postgres_database.begin() as tx:
        await tx.exec_driver_sql(
            "UPDATE session SET \"expiresAt\" = '20000-01-01' WHERE token = 'eve'"
        )
    raw = type_coerce(sessions.c.expiresAt, TIMESTAMP(timezone=True))
    columns = sessions.c.token, raw.label("as it is")
    statement = select(*columns).where(sessions.c.token == bindparam("token"))
    ada, eve = await asyncio.gather(
        *(postgres_database.read_one(statement, {"token": name}) for name in ("ada", "eve")),
        return_exceptions=True,
    )
    assert isinstance(eve, OverflowError)
    assert isinstance(ada, Row)
    assert ada.token == "ada"


_ID = users.c.id == bindparam("id")
_INSIDE = {
    "exists": select(users.c.name).where(
        exists(select(sessions.c.id).where(_ID, sessions.c.userId == users.c.id))
    ),
    "scalar": select(users.c.name).where(
        users.c.id == select(users.c.id).where(_ID).scalar_subquery()
    ),
    "cte": select(select(users.c.name).where(_ID).cte().c.name),
    "subquery": select(select(users.c.name).where(_ID).subquery().c.name),
}


@pytest.mark.parametrize("kind", _INSIDE)
async def test_statement_with_another_inside_gives_each_key_its_own(
    postgres_database: Database, kind: str
) -> None:
    for name in ("ada", "eve"):
        await add_user(postgres_database, name)
        await add_session(postgres_database, name, name)
    reads = hot(postgres_database)
    keys = ["ada", "nobody", "eve"]
    together = await asyncio.gather(*(reads.read_one(_INSIDE[kind], {"id": key}) for key in keys))
    alone = [await reads.read_one(_INSIDE[kind], {"id": key}) for key in keys]
    assert together == alone


async def test_columns_that_are_called_alike_keep_apart(postgres_database: Database) -> None:
    for name in ("ada", "eve"):
        await add_user(postgres_database, name)
        await add_session(postgres_database, name, name)
    alike = literal_column("'mine'", Text).label("id_1")
    statement = (
        select(users.c.id, sessions.c.id, alike, sessions.c.id)
        .join_from(users, sessions, users.c.id == sessions.c.userId)
        .where(_ID)
    )
    reads = hot(postgres_database)
    made = make_batched_select(statement, "id", Text())
    assert made is not None
    found = await asyncio.gather(*(reads.read_one(statement, {"id": n}) for n in ("ada", "eve")))
    for name, row in zip(("ada", "eve"), found, strict=True):
        await assert_same(row, postgres_database, statement, {"id": name})


async def test_look_ups_are_not_planned_again(postgres_database: Database) -> None:
    statement = select(func.current_setting("plan_cache_mode"), bindparam("x", type_=Text))
    row = await hot(postgres_database).read_one(statement, {"x": ""})
    assert row is not None
    assert row.values == ("force_generic_plan", "")


async def test_connection_that_was_killed_is_replaced(
    postgres_database: Database, postgres_url: str
) -> None:
    await add_user(postgres_database, "ada")
    await postgres_database.read_one(BY_ID, {"id": "ada"})
    admin = await asyncpg.connect(postgres_url)
    await admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await admin.close()
    found = await asyncio.gather(
        *(postgres_database.read_one(BY_ID, {"id": "ada"}) for _ in range(20))
    )
    assert all(row is not None and row.name == "Ada" for row in found)


async def test_table_that_changed_under_a_plan_is_read_anew(postgres_database: Database) -> None:
    await add_user(postgres_database, "ada")
    await postgres_database.read_one(BY_ID, {"id": "ada"})
    async with postgres_database.begin() as tx:
        await tx.exec_driver_sql('ALTER TABLE "user" ALTER COLUMN name TYPE varchar(99)')
    row = await postgres_database.read_one(BY_ID, {"id": "ada"})
    assert row is not None
    assert row.name == "Ada"


async def test_lock_that_nobody_gives_back_is_an_outage(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(HotReads, "read_one", never)
    with pytest.raises(StoreUnavailable):
        await postgres_database.read_one(BY_ID, {"id": "ada"})


async def test_behind_a_transaction_pooler_they_are_off(postgres_url: str) -> None:
    database = await open_database(postgres_url, prepared=False)
    await add_user(database, "ada")
    assert isinstance(database, PostgresDatabase)
    assert database._hot is None
    assert await database.read_one(BY_ID, {"id": "ada"}) is not None
    await database.close()


async def test_constants_of_a_statement_are_kept(postgres_database: Database) -> None:
    for name in ("ada", "eve"):
        await add_user(postgres_database, name)
    named = select(users.c.id).where(users.c.name == "Ada", users.c.email != "x")
    statement = named.where(users.c.id == bindparam("id")).limit(1)
    await same(postgres_database, statement, id="ada")
    assert await postgres_database.read_one(statement, {"id": "eve"}) is None
