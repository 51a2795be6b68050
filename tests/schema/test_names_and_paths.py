"""Names that need quotes, and search paths that are not the default."""

from urllib.parse import quote

import asyncpg
import pytest

from app.bridge.table_names import NameOptions
from app.models.additional_fields import read_fields
from app.schema.migrate import check_schema, generate_sql, migrate
from app.schema.names import get_own_schema
from app.schema.requirements import Requirements
from app.schema.state import SchemaError
from tests.system.original_schema import execute, make_original

pytestmark = pytest.mark.anyio

_ROLE = read_fields('{"role": {"type": "string", "required": false}}')
_EVERYTHING = Requirements(task_api=True, rate_limits=True, fields={"user": _ROLE})
_TABLES = ("user", "session", "account", "verification", "jwks")


async def _move(url: str, schema: str) -> str:
    """Moves Better Auth's tables into a schema of their own; the URL with it."""
    quoted = schema.replace('"', '""')
    moves = [f'ALTER TABLE "{table}" SET SCHEMA "{quoted}"' for table in _TABLES]
    await execute(url, f'CREATE SCHEMA "{quoted}"', *moves)
    return f"{url}&schema={quote(schema)}"


async def _find_schemas(url: str, column: str) -> list[str]:
    """The schemas of the tables `user` with this column."""
    connection = await asyncpg.connect(url.partition("&schema=")[0])
    found = await connection.fetch(
        "SELECT table_schema::text FROM information_schema.columns"
        " WHERE table_name = 'user' AND column_name = $1",
        column,
    )
    await connection.close()
    return [row[0] for row in found]


@pytest.mark.parametrize("prepared", [True, False])
async def test_only_the_tables_of_the_urls_schema_get_columns(
    empty_postgres_url: str, prepared: bool
) -> None:
    await make_original(empty_postgres_url)
    url = await _move(empty_postgres_url, "auth")
    await make_original(empty_postgres_url)
    report = await migrate(url, _EVERYTHING, prepared=prepared)
    assert report.state.adopted
    assert await _find_schemas(url, "role") == ["auth"]
    assert await check_schema(url, _EVERYTHING, prepared=prepared) == []


@pytest.mark.parametrize("adopted", [True, False])
async def test_the_sql_for_a_schema_is_run_with_any_search_path(
    empty_postgres_url: str, adopted: bool
) -> None:
    await make_original(empty_postgres_url)
    url = f"{empty_postgres_url}&schema=auth"
    if adopted:
        url = await _move(empty_postgres_url, "auth")
        await make_original(empty_postgres_url)
    else:
        await execute(empty_postgres_url, "CREATE SCHEMA auth", "DROP TABLE account CASCADE")
        await execute(empty_postgres_url, "DROP TABLE session")
    await execute(empty_postgres_url, await generate_sql(url, _EVERYTHING))
    assert await _find_schemas(url, "role") == ["auth"]
    assert await check_schema(url, _EVERYTHING) == []


@pytest.mark.parametrize("name", ['My "odd" one', "a :b", "a%sb", "it's", "größe", "; drop --"])
async def test_names_may_have_any_character(empty_postgres_url: str, name: str) -> None:
    await make_original(empty_postgres_url)
    url = await _move(empty_postgres_url, name)
    assert (await migrate(url, _EVERYTHING)).state.adopted
    assert await check_schema(url, _EVERYTHING) == []


@pytest.mark.parametrize("name", ['My "odd" one', "a :b", "a%sb", "it's"])
async def test_new_tables_may_have_such_names(empty_database_url: str, name: str) -> None:
    fields = {"session": {"userId": f"{name} 2", "token": f"{name} 3"}, "user": {"id": name}}
    names = NameOptions(tables={"session": name, "user": f"{name} 1"}, fields=fields)
    requirements = Requirements(task_api=True, names=names)
    await migrate(empty_database_url, requirements)
    assert await check_schema(empty_database_url, requirements) == []


def test_two_long_schemas_have_two_own_schemas() -> None:
    long = "tenant_" + "x" * 50
    one, two = (get_own_schema("postgresql", f"{long}_{at}") for at in (1, 2))
    assert one != two
    assert len(one.encode()) <= 63


async def test_a_role_that_may_create_nothing_follows_new_names(empty_postgres_url: str) -> None:
    await make_original(empty_postgres_url)
    await migrate(empty_postgres_url)
    rename = 'ALTER TABLE "user" RENAME COLUMN "emailVerified" TO email_verified'
    rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA"
    await execute(
        empty_postgres_url,
        rename,
        "DROP ROLE IF EXISTS creates_nothing",
        "CREATE ROLE creates_nothing LOGIN",
        "GRANT USAGE ON SCHEMA better_auth_service TO creates_nothing",
        f"{rights} better_auth_service TO creates_nothing",
        f"{rights} public TO creates_nothing",
    )
    try:
        url = f"{empty_postgres_url}&user=creates_nothing"
        layout = (await migrate(url)).state.layout
        assert layout.find_column("user", "emailVerified") == "email_verified"
    finally:
        await execute(
            empty_postgres_url, "DROP OWNED BY creates_nothing", "DROP ROLE creates_nothing"
        )


async def test_a_schema_that_the_role_may_not_use_is_not_called_a_wrong_one(
    empty_postgres_url: str,
) -> None:
    url = f"{empty_postgres_url}&schema=nowhere"
    with pytest.raises(SchemaError, match=r"correct \?schema=, or let the owner run GRANT USAGE"):
        await migrate(url)


async def test_partitions_are_no_tables_of_their_own(empty_postgres_url: str) -> None:
    await make_original(
        empty_postgres_url,
        "ALTER TABLE session RENAME TO old",
        "CREATE TABLE session (LIKE old, UNIQUE (token)) PARTITION BY HASH (token)",
        "DROP TABLE old",
        "CREATE TABLE session_0 PARTITION OF session FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
    )
    assert (await migrate(empty_postgres_url)).state.adopted


async def test_tables_of_another_server_are_not_overlooked(empty_postgres_url: str) -> None:
    times = '"createdAt" timestamptz, "updatedAt" timestamptz'
    await execute(
        empty_postgres_url,
        "CREATE FOREIGN DATA WRAPPER other",
        "CREATE SERVER there FOREIGN DATA WRAPPER other",
        f'CREATE FOREIGN TABLE logins (id text, token text, "expiresAt" timestamptz, {times},'
        ' "ipAddress" text, "userAgent" text, "userId" text) SERVER there',
    )
    with pytest.raises(SchemaError, match='"logins" contains rows of Better Auth'):
        await migrate(empty_postgres_url)


async def test_a_generated_column_is_refused(empty_database_url: str) -> None:
    kind = "VIRTUAL" if empty_database_url.startswith("sqlite") else "STORED"
    made = f"image text GENERATED ALWAYS AS (name || '.png') {kind}"
    await make_original(
        empty_database_url,
        'ALTER TABLE "user" DROP COLUMN image',
        f'ALTER TABLE "user" ADD COLUMN {made}',
    )
    with pytest.raises(SchemaError, match='"image" of "user" is generated'):
        await migrate(empty_database_url)


async def test_a_table_without_rowids_is_read(empty_sqlite_url: str) -> None:
    await make_original(
        empty_sqlite_url,
        "ALTER TABLE verification RENAME TO old",
        "CREATE TABLE verification (id text primary key, identifier text not null, value text not"
        " null, expiresAt integer not null, createdAt integer not null, updatedAt integer not null)"
        " WITHOUT ROWID",
        "DROP TABLE old",
        "INSERT INTO verification SELECT 'a', 'b', 'c', at, at, at FROM (SELECT 1795221845831 at)",
    )
    layout = (await migrate(empty_sqlite_url)).state.layout
    assert layout.tables["verification"].columns["expiresAt"].form == "milliseconds"
