"""The tables of the plugin: new ones, and those that a Node server made, whatever their names."""

import pytest
from sqlalchemy import text

from app.plugins.last_login_method.plugin import PLUGIN as LAST_LOGIN
from app.plugins.two_factor.options import FactorSchemaOptions, FactorUserNames, TwoFactorOptions
from app.plugins.two_factor.plugin import PLUGIN
from app.schema.migrate import check_schema, migrate
from app.schema.state import SchemaError
from app.settings.option_types import TableNames
from tests.plugins.two_factor.person import LONG, Person, guarded
from tests.support.plugins import plugged, required_by
from tests.system.original_schema import execute, make_original

pytestmark = pytest.mark.anyio

NEW = "grace@example.com"  # nobody of the original's rows
REQUIRED = required_by(PLUGIN, TwoFactorOptions())
ENABLED = 'ALTER TABLE "user" ADD COLUMN "twoFactorEnabled" {bool};'
DRIZZLE = (
    "CREATE TABLE {name} (id text PRIMARY KEY NOT NULL, secret text NOT NULL,"
    " backup_codes text NOT NULL,"
    ' user_id text NOT NULL REFERENCES "user" (id) ON DELETE CASCADE, verified {bool},'
    " failed_verification_count integer, locked_until {time});"
)


def write(url: str, statement: str, **names: str) -> str:
    is_sqlite = url.startswith("sqlite")
    types = {"bool": "integer" if is_sqlite else "boolean"}
    types["time"] = "date" if is_sqlite else "timestamp"
    return statement.format(**types, **names)


async def test_fresh_database_gets_the_tables(empty_database_url: str) -> None:
    report = await migrate(empty_database_url, REQUIRED)
    assert any(line.endswith("created the table twoFactor") for line in report.lines)
    assert await check_schema(empty_database_url, REQUIRED) == []


async def test_database_gets_them_later(database_url: str) -> None:
    await migrate(database_url, REQUIRED)
    assert await check_schema(database_url, REQUIRED) == []
    assert await check_schema(database_url, required_by(PLUGIN, None)) == []


@pytest.mark.parametrize("name", ["two_factor", "auth_mfa"])
async def test_table_of_a_node_server_is_found_by_its_columns(
    empty_database_url: str, name: str
) -> None:
    url = empty_database_url
    await make_original(url)
    await execute(url, write(url, ENABLED + DRIZZLE, name=name))
    report = await migrate(url, REQUIRED)
    assert not any("created the table twoFactor," in f"{line}," for line in report.lines)
    async with guarded(url, email=NEW) as ada:
        assert len(await ada.service.database.read_all(text(f"SELECT id FROM {name}"))) == 1
        await ada.sign_in()
        for _ in range(2):
            await ada.post("/two-factor/verify-totp", code="x")
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200


async def test_columns_that_may_be_null_are_added_like_better_auth(empty_database_url: str) -> None:
    url = empty_database_url
    await make_original(url)
    old = DRIZZLE[: DRIZZLE.index(", verified")] + ");"
    await execute(url, write(url, ENABLED + old, name="two_factors"))
    await migrate(url, REQUIRED)
    assert await check_schema(url, REQUIRED) == []
    async with guarded(url, email=NEW) as ada:
        await ada.sign_in()
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200


async def test_table_without_the_column_of_user_is_no_guess(empty_database_url: str) -> None:
    """Its users would sign in with the password alone."""
    url = empty_database_url
    await make_original(url)
    await execute(url, write(url, DRIZZLE, name="auth_mfa"))
    with pytest.raises(SchemaError, match="has no column twoFactorEnabled: name it with"):
        await migrate(url, REQUIRED)


async def test_options_name_the_tables_and_columns(empty_database_url: str) -> None:
    url = empty_database_url
    named = FactorSchemaOptions(
        user=FactorUserNames(fields={"twoFactorEnabled": "has_mfa"}),
        two_factor=TableNames(model_name="factors", fields={"backupCodes": "rescue"}),
    )
    options = TwoFactorOptions(schema=named, totp_options=LONG)
    await make_original(url)
    made = DRIZZLE.replace("backup_codes", "rescue")
    column = ENABLED.replace("twoFactorEnabled", "has_mfa")
    await execute(url, write(url, column + made, name="factors"))
    async with guarded(url, options, email=NEW) as ada:
        found = await ada.service.database.read_all(text("SELECT rescue FROM factors"))
        assert len(found) == 1
        marked = await ada.service.database.read_all(text('SELECT has_mfa FROM "user"'))
        assert [bool(mark) for (mark,) in marked].count(True) == 1


async def test_new_tables_have_the_names_of_the_options(empty_database_url: str) -> None:
    options = TwoFactorOptions(
        two_factor_table="factors",
        totp_options=LONG,
        schema=FactorSchemaOptions(two_factor=TableNames(fields={"userId": "owner"})),
    )
    async with guarded(empty_database_url, options) as ada:
        assert len(await ada.service.database.read_all(text("SELECT owner FROM factors"))) == 1


async def test_ids_that_are_uuids_are_uuids_here(empty_postgres_url: str) -> None:
    url = empty_postgres_url
    await make_original(url)
    await execute(url, 'DELETE FROM "user"')
    for table, column in (("session", "userId"), ("account", "userId"), ("user", "id")):
        await execute(url, f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{table}_userId_fkey"')
        await execute(
            url, f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE uuid USING "{column}"::uuid'
        )
    async with guarded(url, email=NEW) as ada:
        await ada.sign_in()
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200
        assert (await ada.post("/two-factor/disable", password="correct horse")).status == 200


async def test_user_with_a_second_factor_is_refused_while_the_plugin_is_off(
    database_url: str,
) -> None:
    async with guarded(database_url) as ada:
        async with plugged(database_url, LAST_LOGIN, LAST_LOGIN.options()) as service:
            elsewhere = Person(service)
            answer = await elsewhere.sign_in()
            assert (answer.status, answer.json()["code"]) == (403, "TWO_FACTOR_REQUIRED")
        await ada.sign_in()
        assert (await ada.post("/two-factor/verify-totp", code=ada.code())).status == 200
