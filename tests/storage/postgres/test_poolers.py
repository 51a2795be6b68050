"""A real PgBouncer, which gives each transaction any connection of the server."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy import text

from app.models.errors import StoreUnavailable
from app.schema.migrate import check_schema, migrate
from app.schema.state import SchemaError
from app.storage.database import Database, open_database
from app.storage.unreachable import can_recover
from tests.support.logged import Lines
from tests.support.pgbouncer import behind_pgbouncer
from tests.support.rows import add_user
from tests.support.tables import users

pytestmark = pytest.mark.anyio

_REMEDY = "set DATABASE_PREPARED=false"
_BY_EMAIL = users.select().where(users.c.email == "ada@example.com")


@pytest.fixture
def pooled_url(postgres_url: str) -> Iterator[str]:
    with behind_pgbouncer(postgres_url) as url:
        yield url


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = await open_database(url)
    yield database
    await database.close()


@asynccontextmanager
async def _busy(url: str) -> AsyncIterator[None]:
    """Another client has the connection that was used last."""
    other = await asyncpg.connect(url, statement_cache_size=0)
    async with other.transaction():
        await other.execute("SELECT 1")
        yield
    await other.close()


async def test_statement_that_the_pooler_lost_is_an_outage_that_names_the_setting(
    pooled_url: str, log: Lines
) -> None:
    async def write() -> None:
        async with database.begin() as tx:
            await tx.execute(text("SELECT 1"))

    async with _opened(pooled_url) as database:
        await write()
        async with _busy(pooled_url):
            with pytest.raises(StoreUnavailable):
                await write()
    (line,) = [each for each in log() if each["message"] == "store cannot be used"]
    assert line["reason"].endswith(
        f"does not exist; behind a transaction pooler such as PgBouncer {_REMEDY}"
    )


async def test_statement_has_a_name_that_no_other_process_gives(postgres_url: str) -> None:
    """So that behind a pooler none runs in place of another."""
    names = text("SELECT name FROM pg_prepared_statements")
    async with _opened(postgres_url) as database:
        for _ in range(2):
            await database.read_all(names)
        found = [row[0] for row in await database.read_all(names)]
    assert found
    assert all(re.fullmatch("__asyncpg_stmt_[0-9a-f]{32}__", name) for name in found)


async def test_schema_in_the_url_of_a_pooler_names_the_setting_at_the_start(
    pooled_url: str,
) -> None:
    with pytest.raises(SchemaError) as caught:
        await migrate(f"{pooled_url}&schema=public")
    assert str(caught.value).endswith(_REMEDY)
    refusal = caught.value.__cause__
    assert isinstance(refusal, StoreUnavailable)
    assert not can_recover(refusal)


async def test_other_parameter_that_a_pooler_refuses_is_named(pooled_url: str) -> None:
    with pytest.raises(SchemaError, match="statement_timeout; a pooler refuses it, so remove it"):
        await migrate(f"{pooled_url}&statement_timeout=5000")


async def test_public_is_accepted_through_a_pooler(pooled_url: str) -> None:
    url = f"{pooled_url}&schema=public&pgbouncer=true"
    assert await check_schema(url) == []
    async with _opened(url) as database:
        await add_user(database, "ada")
        assert await database.read_all(_BY_EMAIL)


async def test_two_schemas_behind_one_pooler_do_not_mix(pooled_url: str, postgres_url: str) -> None:
    direct = await asyncpg.connect(postgres_url)
    await direct.execute(
        'CREATE SCHEMA "Odd name"; CREATE TABLE "Odd name".place AS SELECT \'odd\' AS name;'
        "CREATE TABLE public.place AS SELECT 'public' AS name"
    )
    await direct.close()
    place = text("SELECT name FROM place WHERE name <> :not")
    async with (
        _opened(f"{pooled_url}&pgbouncer=true&schema=Odd%20name") as odd,
        _opened(f"{pooled_url}&pgbouncer=true") as plain,
    ):
        for _ in range(3):
            assert await odd.read_one(place, {"not": ""}) == ("odd",)
            assert await plain.read_one(place, {"not": ""}) == ("public",)
            async with odd.begin() as tx:
                await tx.execute(text("UPDATE place SET name = name"))
                assert (await plain.search(place, {"not": ""})) == [("public",)]
