import asyncio
import socket

import asyncpg
import pytest
from sqlalchemy import func, select, text, update

from app.models.errors import StoreUnavailable
from app.storage.database import Database, open_database
from app.storage.notices import find_store_notices
from app.storage.postgres import database as postgres
from tests.support.rows import add_user
from tests.support.tables import users

pytestmark = pytest.mark.anyio

_ALL = select(users.c.id)
_OWN_PID = text("SELECT pg_backend_pid()")


async def _kill_others(url: str) -> None:
    admin = await asyncpg.connect(url)
    await admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await admin.close()


async def test_reads_survive_a_killed_connection(
    postgres_database: Database, postgres_url: str
) -> None:
    await add_user(postgres_database, "ada")
    await _kill_others(postgres_url)
    assert await postgres_database.read_one(_ALL) == ("ada",)


async def test_writes_survive_a_connection_killed_in_the_pool(
    postgres_database: Database, postgres_url: str
) -> None:
    await postgres_database.ping()
    await _kill_others(postgres_url)
    await add_user(postgres_database, "ada")
    assert await postgres_database.read_one(_ALL) == ("ada",)


async def test_a_connection_killed_while_it_writes_is_an_outage(
    postgres_database: Database, postgres_url: str
) -> None:
    async def write() -> None:
        async with postgres_database.begin() as tx:
            await tx.execute(_OWN_PID)
            await _kill_others(postgres_url)
            await tx.execute(_OWN_PID)

    with pytest.raises(StoreUnavailable):
        await write()
    await postgres_database.ping()


async def test_a_read_killed_on_its_way_is_tried_again(postgres_database: Database) -> None:
    once = text(
        "SELECT CASE WHEN pg_sequence_last_value('attempts') IS NULL"
        " THEN nextval('attempts') + pg_terminate_backend(pg_backend_pid())::int ELSE 7 END"
    )
    async with postgres_database.begin() as tx:
        await tx.execute(text("CREATE SEQUENCE attempts"))
    assert await postgres_database.read_one(once) == (7,)


async def test_only_writes_begin_a_transaction(postgres_database: Database) -> None:
    sent: list[str] = []
    async with postgres_database.begin() as tx:
        connection = (await tx.get_raw_connection()).driver_connection
        assert connection is not None
        connection.add_query_logger(lambda record: sent.append(record.query))
    await postgres_database.read_one(_ALL)
    assert not [query for query in sent if query.startswith(("BEGIN", "ROLLBACK"))]
    async with postgres_database.begin() as tx:
        await tx.execute(_OWN_PID)
    assert [query for query in sent if query.startswith("BEGIN")]


async def test_too_many_connections_are_an_outage(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "CONNECTIONS", 1)
    monkeypatch.setattr(postgres, "QUEUE_SECONDS", 0.05)
    database = await open_database(postgres_url)
    async with database.begin() as tx:
        await tx.execute(_OWN_PID)
        with pytest.raises(StoreUnavailable):
            await database.read_one(_ALL)
    await database.ping()
    await database.close()


async def test_a_statement_that_takes_too_long_is_an_outage(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "STATEMENT_SECONDS", 0.05)
    database = await open_database(postgres_url)
    with pytest.raises(StoreUnavailable):
        await database.read_one(text("SELECT pg_sleep(10)"))
    await database.close()


async def test_a_server_that_never_answers_is_an_outage_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres, "CONNECT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        database = await open_database(f"postgresql://u:p@127.0.0.1:{port}/db?sslmode=disable")
        with pytest.raises(StoreUnavailable):
            await database.ping()
        await database.close()


async def test_a_server_that_cannot_be_written_fails_the_ping(postgres_url: str) -> None:
    admin = await asyncpg.connect(postgres_url)
    name = await admin.fetchval("SELECT current_database()")
    await admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    await admin.close()
    database = await open_database(postgres_url)
    assert await database.read_all(_ALL) == []
    with pytest.raises(StoreUnavailable):
        await database.ping()
    await database.close()


async def test_a_missing_database_is_an_outage(postgres_server: str) -> None:
    database = await open_database(postgres_server.replace("/postgres?", "/nowhere?"))
    with pytest.raises(StoreUnavailable):
        await database.ping()
    await database.close()


async def test_unprepared_leaves_no_statement_on_the_server(postgres_url: str) -> None:
    statements = text(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT \"user\"%'"
    )
    prepared = await open_database(postgres_url)
    unprepared = await open_database(postgres_url, prepared=False)
    for database in (prepared, unprepared):
        for _ in range(3):
            await database.read_one(_ALL)
    assert await prepared.read_one(statements) == (1,)
    assert await unprepared.read_one(statements) == (0,)
    await prepared.close()
    await unprepared.close()


_LEVEL_COLUMN = func.current_setting("transaction_isolation")
_LEVEL = text("SELECT current_setting('transaction_isolation')")
_COMMIT = text("SELECT current_setting('synchronous_commit')")


@pytest.fixture(params=["serializable", "repeatable read"])
async def strict_url(request: pytest.FixtureRequest, postgres_url: str) -> str:
    """A database whose sessions begin at another level than PostgreSQL's own."""
    admin = await asyncpg.connect(postgres_url)
    name = await admin.fetchval("SELECT quote_ident(current_database())")
    change = f"ALTER DATABASE {name} SET default_transaction_isolation = '{request.param}'"
    await admin.execute(change)
    await admin.close()
    return postgres_url


@pytest.mark.parametrize("prepared", [True, False])
async def test_changes_that_meet_wait_whatever_level_the_database_has(
    strict_url: str, *, prepared: bool
) -> None:
    database = await open_database(strict_url, prepared=prepared)
    await add_user(database, "ada")
    seen = asyncio.Barrier(2)

    async def rename(name: str) -> None:
        async with database.begin() as tx:
            await tx.execute(_ALL)
            await seen.wait()
            await tx.execute(update(users).values(name=name))

    await asyncio.gather(rename("a"), rename("b"))
    await database.close()


async def test_reads_have_the_usual_level_too(strict_url: str) -> None:
    database = await open_database(strict_url)
    hot = await database.read_one(select(_LEVEL_COLUMN), {"unused": 1})
    others = [await database.read_all(_LEVEL), await database.search(_LEVEL)]
    await database.close()
    assert [hot, *(found[0] for found in others)] == [("read committed",)] * 3


async def test_commit_that_was_answered_is_on_disk(postgres_url: str) -> None:
    """The server of the tests has it off."""
    database = await open_database(postgres_url)
    async with database.begin() as tx:
        assert (await tx.execute(_COMMIT)).scalar_one() == "on"
    await database.close()


async def test_late_commits_behind_a_pooler_are_told_of(postgres_url: str) -> None:
    assert [each async for each in find_store_notices(postgres_url)] == []
    (line,) = [each async for each in find_store_notices(postgres_url, prepared=False)]
    assert "synchronous_commit is off" in line
    away = "postgresql://u:p@127.0.0.1:1/d"
    assert [each async for each in find_store_notices(away, prepared=False)] == []
