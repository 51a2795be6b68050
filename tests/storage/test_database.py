import asyncio

import pytest
from sqlalchemy import TextClause, bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.models.errors import StoreUnavailable
from app.storage.database import Database, DatabaseUrlError, open_database
from app.storage.postgres import database as postgres
from app.storage.refused_values import is_refused_value
from app.storage.sqlite import database as sqlite
from tests.support.rows import MOMENT, add_session, add_user
from tests.support.tables import sessions, users

pytestmark = pytest.mark.anyio

_BY_TOKEN = (
    select(users.c.id, sessions.c.expiresAt)
    .join_from(sessions, users)
    .where(sessions.c.token == bindparam("token"))
)


async def test_one_row_is_read_with_its_join(database: Database) -> None:
    await add_user(database, "ada")
    await add_session(database, "ada", "t1")
    assert await database.read_one(_BY_TOKEN, {"token": "t1"}) == ("ada", MOMENT)


async def test_no_row_is_none(database: Database) -> None:
    assert await database.read_one(_BY_TOKEN, {"token": "t1"}) is None


async def test_all_rows_are_read(database: Database) -> None:
    await add_user(database, "ada")
    await add_user(database, "bob")
    rows = await database.read_all(select(users.c.id).order_by(users.c.id))
    assert [row.id for row in rows] == ["ada", "bob"]


async def test_a_block_that_raises_writes_nothing(database: Database) -> None:
    values = {"id": "ada", "name": "Ada", "email": "a@b.c", "emailVerified": False}

    async def write_and_fail() -> None:
        async with database.begin() as tx:
            await tx.execute(insert(users), values | {"createdAt": MOMENT, "updatedAt": MOMENT})
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await write_and_fail()
    assert await database.read_all(select(users.c.id)) == []


async def test_a_cancelled_block_writes_nothing_and_frees_the_writer(database: Database) -> None:
    inside = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.begin() as tx:
            await tx.execute(text("DELETE FROM session"))
            inside.set()
            await asyncio.Event().wait()

    await add_user(database, "ada")
    await add_session(database, "ada", "t1")
    task = asyncio.create_task(write_and_wait())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await database.read_one(_BY_TOKEN, {"token": "t1"}) is not None
    await add_user(database, "bob")


async def test_integrity_errors_pass_through(database: Database) -> None:
    await add_user(database, "ada")
    with pytest.raises(IntegrityError):
        await add_user(database, "ada")


async def test_a_refused_value_is_told_from_other_faults(database: Database) -> None:
    await add_user(database, "ada")
    with pytest.raises(DBAPIError) as taken:
        await add_user(database, "ada")
    with pytest.raises(DBAPIError) as wrong:
        await database.read_all(text("SELECT nothing FROM nowhere"))
    assert (is_refused_value(taken.value), is_refused_value(wrong.value)) == (True, False)


@pytest.mark.parametrize("fields", [{"name": "a\0b"}, {"email": None}])
async def test_what_postgres_cannot_store_is_a_refused_value(
    postgres_database: Database, fields: dict[str, str | None]
) -> None:
    with pytest.raises(DBAPIError) as caught:
        await add_user(postgres_database, "ada", **fields)
    assert is_refused_value(caught.value)


async def test_what_a_trigger_refuses_is_a_refused_value(database: Database) -> None:
    raising = {
        "sqlite": [
            "CREATE TRIGGER no BEFORE INSERT ON \"user\" BEGIN SELECT RAISE(ABORT, 'no'); END"
        ],
        "postgresql": [
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END'",
            'CREATE TRIGGER no BEFORE INSERT ON "user" FOR EACH ROW EXECUTE FUNCTION no()',
        ],
    }
    async with database.begin() as tx:
        for statement in raising[database.dialect]:
            await tx.execute(text(statement))
    with pytest.raises(DBAPIError) as caught:
        await add_user(database, "ada")
    assert is_refused_value(caught.value)


async def test_errors_hold_no_values(database: Database) -> None:
    await add_user(database, "ada")
    with pytest.raises(IntegrityError) as caught:
        await add_user(database, "ada", image="a-secret-value")
    assert "a-secret-value" not in str(caught.value)


async def test_a_wrong_statement_is_no_outage(database: Database) -> None:
    with pytest.raises(DBAPIError):
        await database.read_one(text("SELECT nothing FROM nowhere"))
    with pytest.raises(DBAPIError):
        await database.read_all(text("SELECT nothing FROM nowhere"))
    await database.ping()


def _endless(database: Database) -> TextClause:
    if database.dialect == "postgresql":
        return text("SELECT pg_sleep(60)")
    return text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    )


async def test_a_search_that_takes_too_long_is_ended(
    monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    for engine in (sqlite, postgres):
        monkeypatch.setattr(engine, "SEARCH_SECONDS", 0.05)
    database = await open_database(database_url)
    with pytest.raises(StoreUnavailable):
        await database.search(_endless(database))
    assert await database.search(select(users.c.id)) == []
    await database.close()


async def test_searches_hold_up_no_other_reads(database: Database) -> None:
    many = 2 * max(sqlite.SEARCHERS, postgres.SEARCHERS, sqlite.READERS, postgres.CONNECTIONS)
    searches = [asyncio.create_task(database.search(_endless(database))) for _ in range(many)]
    await asyncio.sleep(0)
    await database.ping()
    assert await database.read_all(select(users.c.id)) == []
    await add_user(database, "ada")
    assert await database.read_one(select(users.c.id)) == ("ada",)
    assert not any(search.done() for search in searches)
    for search in searches:
        search.cancel()
    await asyncio.gather(*searches, return_exceptions=True)


async def test_writes_in_parallel_are_all_there(database: Database) -> None:
    await asyncio.gather(*(add_user(database, f"user{number}") for number in range(20)))
    assert await database.read_one(text('SELECT count(*) FROM "user"')) == (20,)


async def test_reads_see_a_commit_at_once(database: Database, database_url: str) -> None:
    other = await open_database(database_url)
    await add_user(other, "ada")
    await add_session(other, "ada", "t1")
    assert await database.read_one(_BY_TOKEN, {"token": "t1"}) == ("ada", MOMENT)
    async with other.begin() as tx:
        await tx.execute(sessions.delete())
    assert await database.read_one(_BY_TOKEN, {"token": "t1"}) is None
    await other.close()


@pytest.mark.parametrize(
    "url", ["postgresql://u:hunter2@127.0.0.1:1/db", "postgresql://u:hunter2@/db?host=/no/socket"]
)
async def test_an_unreachable_server_is_an_outage(url: str) -> None:
    database = await open_database(url)
    with pytest.raises(StoreUnavailable):
        await database.ping()
    with pytest.raises(StoreUnavailable):
        async with database.begin():
            pytest.fail("there is nothing to write to")
    await database.close()


async def test_an_unknown_kind_of_database_is_refused() -> None:
    with pytest.raises(DatabaseUrlError, match=r"^DATABASE_URL: MySQL is not offered"):
        await open_database("mysql://localhost/db")
