"""Tables that another program dropped from a database that this service knows."""

import pytest
from sqlalchemy import text

from app.schema.migrate import check_schema, migrate
from app.schema.names import ORIGIN_TABLE, VERSION_TABLE
from app.schema.requirements import Requirements
from app.schema.state import SchemaError, find_missing_tables, inspect_schema
from app.storage.database import open_database
from tests.system.original_schema import execute, make_original

pytestmark = pytest.mark.anyio

_EVERYTHING = Requirements(task_api=True, rate_limits=True)


def _get_own(url: str) -> str:
    return "" if url.startswith("sqlite") else "better_auth_service."


async def test_both_tables_of_the_record_are_made_again(empty_database_url: str) -> None:
    own = _get_own(empty_database_url)
    await make_original(empty_database_url, "DROP TABLE jwks", "DROP TABLE verification")
    await migrate(empty_database_url, _EVERYTHING)
    key = "'k', 'public', 'private', '2026-11-21T01:47:31.893Z'"
    await execute(
        empty_database_url,
        f'INSERT INTO {own}jwks (id, "publicKey", "privateKey", "createdAt") VALUES ({key})',
        f"DROP TABLE {own}{VERSION_TABLE}",
        f"DROP TABLE {own}{ORIGIN_TABLE}",
    )
    assert (await migrate(empty_database_url, _EVERYTHING)).state.current
    assert await check_schema(empty_database_url, _EVERYTHING) == []
    database = await open_database(empty_database_url)
    assert await database.read_all(text(f"SELECT id FROM {own}jwks")) == [("k",)]
    await database.close()


async def test_tasks_of_a_new_database_stay_where_they_are(empty_postgres_url: str) -> None:
    await migrate(empty_postgres_url, _EVERYTHING)
    await execute(empty_postgres_url, "DROP SCHEMA better_auth_service CASCADE")
    await migrate(empty_postgres_url, _EVERYTHING)
    database = await open_database(empty_postgres_url)
    found = await database.read_all(
        text("SELECT schemaname FROM pg_tables WHERE tablename='tasks'")
    )
    await database.close()
    assert found == [("public",)]


@pytest.mark.parametrize("table", [VERSION_TABLE, ORIGIN_TABLE])
async def test_half_a_record_is_told(empty_database_url: str, table: str) -> None:
    await migrate(empty_database_url)
    own = _get_own(empty_database_url)
    await execute(empty_database_url, f"DROP TABLE {own}{table}")
    with pytest.raises(SchemaError, match=f'dropped the table "{table}"') as caught:
        await migrate(empty_database_url)
    remedy = str(caught.value).partition("or run ")[2].partition(",")[0]
    await execute(empty_database_url, remedy)
    assert (await migrate(empty_database_url)).state.adopted


async def test_a_lost_table_is_told_with_a_remedy(empty_database_url: str) -> None:
    own = _get_own(empty_database_url)
    await make_original(empty_database_url, "DROP TABLE jwks")
    await migrate(empty_database_url)
    await execute(empty_database_url, "DROP TABLE verification")
    for _ in range(2):
        with pytest.raises(SchemaError, match=r'"verification" is gone.* adopted again'):
            await migrate(empty_database_url)
    await execute(
        empty_database_url, *(f"DROP TABLE {own}{name}" for name in (VERSION_TABLE, ORIGIN_TABLE))
    )
    assert (await migrate(empty_database_url)).state.current


async def test_a_table_that_is_in_the_way_is_told(empty_sqlite_url: str) -> None:
    await make_original(empty_sqlite_url, "DROP TABLE jwks", "CREATE TABLE jwks (n integer)")
    with pytest.raises(SchemaError, match='the table "jwks" is not one of Better Auth'):
        await migrate(empty_sqlite_url)


@pytest.mark.parametrize("is_adopted", [True, False])
async def test_lost_tasks_are_not_overlooked(empty_database_url: str, is_adopted: bool) -> None:
    own = _get_own(empty_database_url) if is_adopted else ""
    if is_adopted:
        await make_original(empty_database_url)
    await migrate(empty_database_url, _EVERYTHING)
    database = await open_database(empty_database_url)
    state = await inspect_schema(database, _EVERYTHING)
    assert await find_missing_tables(database, state) == []
    await execute(empty_database_url, f"DROP TABLE {own}tasks")
    assert await find_missing_tables(database, state) == ["tasks"]
    await database.close()
