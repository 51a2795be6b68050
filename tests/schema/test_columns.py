"""Columns of additional fields: in new tables and in those that are there."""

import pytest
from sqlalchemy import text

from app.bridge.catalog import CatalogTable, read_catalog
from app.models.additional_fields import read_fields
from app.schema.migrate import check_schema, generate_sql, migrate
from app.schema.requirements import Requirements
from app.schema.state import SchemaError, inspect_schema
from app.storage.database import open_database
from tests.support.rows import add_user

pytestmark = pytest.mark.anyio

OPTIONAL = Requirements(
    fields={
        "user": read_fields(
            """{"lang": {"type": "string", "defaultValue": "e'n:x"},
            "flag": {"type": "boolean", "defaultValue": true},
            "nick": {"type": "string", "required": false, "unique": true,
            "fieldName": "nick_name"}}"""
        ),
        "session": read_fields('{"theme": {"type": "string", "required": false}}'),
    }
)
DEMANDING = Requirements(fields={"user": read_fields('{"age": {"type": "number"}}')})


async def columns(url: str) -> dict[str, CatalogTable]:
    database = await open_database(url)
    try:
        catalog = await read_catalog(database.read_all, database.dialect)
        return {table.name: table for table in catalog.tables}
    finally:
        await database.close()


async def test_new_tables_have_them(empty_database_url: str) -> None:
    await migrate(empty_database_url, OPTIONAL)
    found = await columns(empty_database_url)
    assert list(found["user"].columns)[-3:] == ["lang", "flag", "nick_name"]
    assert list(found["session"].columns)[-1] == "theme"
    assert "nick_name" in found["user"].unique


async def test_tables_that_are_there_get_them_and_rows_their_defaults(database_url: str) -> None:
    database = await open_database(database_url)
    await add_user(database, "ada")
    report = await migrate(database_url, OPTIONAL)
    assert sum("added the column" in line for line in report.lines) == 4
    (row,) = await database.read_all(text('SELECT lang, flag, nick_name FROM "user"'))
    assert tuple(row) == ("e'n:x", True, None)
    await database.close()
    assert "nick_name" in (await columns(database_url))["user"].unique


async def test_second_time_there_is_nothing_to_do(database_url: str) -> None:
    await migrate(database_url, OPTIONAL)
    assert await check_schema(database_url, OPTIONAL) == []
    assert await generate_sql(database_url, OPTIONAL) == ""


async def test_check_names_them_and_sql_prints_them(database_url: str) -> None:
    pending = await check_schema(database_url, OPTIONAL)
    assert any("would add the column lang to the table user" in line for line in pending)
    statements = await generate_sql(database_url, OPTIONAL)
    assert statements.count("add column") == 4


async def test_schema_without_them_is_not_current(database_url: str) -> None:
    database = await open_database(database_url)
    try:
        assert not (await inspect_schema(database, OPTIONAL)).current
        assert (await inspect_schema(database)).current
    finally:
        await database.close()


async def test_demanding_column_is_in_new_tables(empty_database_url: str) -> None:
    await migrate(empty_database_url, DEMANDING)
    assert not (await columns(empty_database_url))["user"].columns["age"].nullable


async def test_demanding_column_is_not_forced_on_rows(database_url: str) -> None:
    database = await open_database(database_url)
    await add_user(database, "ada")
    await database.close()
    with pytest.raises(SchemaError, match=r"give the additional field a defaultValue"):
        await migrate(database_url, DEMANDING)
    assert "age" not in (await columns(database_url))["user"].columns


async def test_column_that_a_node_server_made_is_taken_as_it_is(empty_sqlite_url: str) -> None:
    await migrate(empty_sqlite_url, DEMANDING)
    database = await open_database(empty_sqlite_url)
    async with database.begin() as tx:
        for table in ("better_auth_migrations", "better_auth_origin"):
            await tx.execute(text(f"DROP TABLE {table}"))
    await database.close()
    assert (await migrate(empty_sqlite_url, DEMANDING)).state.adopted
