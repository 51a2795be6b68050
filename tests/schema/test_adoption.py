import re
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Executable, text

from app.bridge.catalog import read_catalog
from app.bridge.table_names import NameOptions
from app.models.additional_fields import read_fields
from app.models.layout import ColumnLayout
from app.schema.migrate import check_schema, migrate
from app.schema.names import quote_table
from app.schema.requirements import Requirements
from app.schema.state import SchemaError, inspect_schema
from app.storage.database import open_database
from tests.support.own_tables import versions
from tests.system import original_schema
from tests.system.original_schema import SCRYPT_HASH, execute, make_original

pytestmark = pytest.mark.anyio


async def _read(url: str, statement: Executable) -> list[tuple[object, ...]]:
    database = await open_database(url)
    try:
        return [tuple(row) for row in await database.read_all(statement)]
    finally:
        await database.close()


async def _assert_refused(url: str, *parts: str) -> None:
    before = await _tables(url)
    with pytest.raises(SchemaError) as caught:
        await migrate(url)
    line = str(caught.value)
    assert "\n" not in line
    for part in parts:
        assert part in line
    assert await _tables(url) == before


async def _tables(url: str) -> list[tuple[object, ...]]:
    catalogue = "sqlite_master" if url.startswith("sqlite") else "information_schema.tables"
    name = "name" if url.startswith("sqlite") else "table_name::text"
    return await _read(url, text(f"SELECT {name} FROM {catalogue} ORDER BY 1"))


async def test_the_originals_database_is_adopted_with_its_rows(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    report = await migrate(empty_database_url)
    assert (report.state.adopted, report.state.tasks, report.state.current) == (True, False, True)
    assert "adopted" in report.lines[0]
    stored = text('SELECT password FROM account JOIN "user" u ON u.id = "userId"')
    assert await _read(empty_database_url, stored) == [(SCRYPT_HASH,)]


async def test_adoption_is_remembered(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    await migrate(empty_database_url)
    again = await migrate(empty_database_url)
    assert again.state.adopted
    assert again.state.password_hash == "scrypt"
    assert any("scrypt" in line for line in again.lines)
    assert any("TASK_API=true" in line for line in again.lines)


async def test_an_adopted_database_gets_tasks_when_asked(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    report = await migrate(empty_database_url, Requirements(task_api=True))
    assert (report.state.adopted, report.state.tasks) == (True, True)


async def test_missing_tables_and_indexes_are_made(empty_database_url: str) -> None:
    await make_original(
        empty_database_url,
        "DROP TABLE jwks",
        "DROP TABLE verification",
        'DROP INDEX "session_userId_idx"',
    )
    own = "" if empty_database_url.startswith("sqlite") else "better_auth_service."
    pending = await check_schema(empty_database_url)
    report = await migrate(empty_database_url)
    name = report.lines[0].partition(": ")[0]
    assert [line.removeprefix(name) for line in pending[1:]] == [
        f": would create the missing table {own}verification",
        f": would create the missing table {own}jwks",
    ]
    assert [line.removeprefix(name) for line in report.lines[1:3]] == [
        f": created the missing table {own}verification",
        f": created the missing table {own}jwks",
    ]
    assert await _read(empty_database_url, text(f"SELECT * FROM {own}jwks")) == []
    index = 'DROP INDEX "session_userId_idx"'
    await execute(empty_database_url, index)


async def test_unknown_tables_and_columns_are_left_alone(empty_database_url: str) -> None:
    await make_original(
        empty_database_url,
        'ALTER TABLE "user" ADD COLUMN role text',
        "ALTER TABLE \"user\" ADD COLUMN plan text NOT NULL DEFAULT 'free'",
        "CREATE TABLE invoice (number text); INSERT INTO invoice VALUES ('7')",
        "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('x')",
    )
    await migrate(empty_database_url)
    everything = text(
        'SELECT role, plan, number, version_num FROM "user", invoice, alembic_version'
    )
    assert await _read(empty_database_url, everything) == [(None, "free", "7", "x")]


async def test_restricted_users_are_counted(empty_database_url: str) -> None:
    flag = "integer" if empty_database_url.startswith("sqlite") else "boolean"
    yes = "1" if flag == "integer" else "true"
    await make_original(
        empty_database_url,
        f'ALTER TABLE "user" ADD COLUMN "twoFactorEnabled" {flag}',
        f'ALTER TABLE "user" ADD COLUMN banned {flag}',
        f'UPDATE "user" SET banned = {yes}',
    )
    report = await migrate(empty_database_url)
    assert report.state.restrictions == {"twoFactorEnabled", "banned"}
    assert report.state.restricted == {"twoFactorEnabled": 0, "banned": 1}
    assert report.lines[-1].startswith("1 with banned set: refused at sign-in")


async def test_kinds_of_hashes_are_told(empty_database_url: str) -> None:
    columns = '"accountId", "providerId", "userId", "createdAt", "updatedAt"'
    values = "'ada', 'credential', 'ada', '2026-11-21T01:47:31.893Z', '2026-11-21T01:47:31.893Z'"
    hashes = {
        "b": "'$2b$10$abc'",
        "c": "'$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dGFn'",
        "d": "'$argon2id$v=19$m=19456,t=2,p=1$b3RoZXI$dGFn'",
        "e": "'$argon2i$m=65536,t=3,p=16$c2FsdA$dGFn'",
        "f": "'plain'",
        "g": "NULL",
    }
    await make_original(
        empty_database_url,
        *(
            f"INSERT INTO account (id, password, {columns}) VALUES ('{key}', {value}, {values})"
            for key, value in hashes.items()
        ),
    )
    report = await migrate(empty_database_url)
    database = await open_database(empty_database_url)
    state = await inspect_schema(database)
    await database.close()
    of_argon2 = {"$argon2id$v=19$m=19456,t=2,p=1", "$argon2i$m=65536,t=3,p=16"}
    assert state.hashes == {"scrypt", "bcrypt", "other", *of_argon2}
    assert report.state.hashes == frozenset(), "looked through the passwords twice in one start"


async def test_missing_columns_that_may_be_null_are_added(empty_database_url: str) -> None:
    await make_original(
        empty_database_url,
        *(f"ALTER TABLE jwks DROP COLUMN {column}" for column in ("alg", "crv", '"expiresAt"')),
        'ALTER TABLE account DROP COLUMN "scope"',
    )
    pending = await check_schema(empty_database_url)
    assert sum("would add the column" in line for line in pending) == 4
    report = await migrate(empty_database_url)
    assert report.state.adopted
    added = text(
        'SELECT j.alg, j.crv, j."expiresAt", a.scope FROM account a LEFT JOIN jwks j ON true'
    )
    assert await _read(empty_database_url, added) == [(None, None, None, None)]
    assert await check_schema(empty_database_url) == []


@pytest.mark.parametrize(
    ("table", "column", "variable"),
    [
        ("account", "password", "BETTER_AUTH_ACCOUNT_FIELDS"),
        ("account", "providerId", "BETTER_AUTH_ACCOUNT_FIELDS"),
        ("user", "email", "BETTER_AUTH_USER_FIELDS"),
        ("user", "emailVerified", "BETTER_AUTH_USER_FIELDS"),
        ("session", "token", "BETTER_AUTH_SESSION_FIELDS"),
    ],
)
async def test_a_renamed_column_is_asked_for_and_never_added(
    empty_database_url: str, table: str, column: str, variable: str
) -> None:
    rename = f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO zzz'
    await make_original(empty_database_url, rename)
    with pytest.raises(SchemaError) as caught:
        await migrate(empty_database_url)
    line = str(caught.value)
    assert f'{variable}={{"{column}":"…"}}' in line
    assert "ADD COLUMN" not in line.upper()
    names = NameOptions(fields={table: {column: "zzz"}})
    assert (await migrate(empty_database_url, Requirements(names=names))).state.adopted


async def test_a_missing_column_is_not_added_where_it_may_have_another_name(
    empty_database_url: str,
) -> None:
    rename = 'ALTER TABLE "user" RENAME COLUMN image TO avatar'
    await make_original(empty_database_url, rename)
    await _assert_refused(empty_database_url, '"user" has no column image', '{"image":"…"}')


async def test_snake_case_and_plural_are_taken_as_they_are(empty_database_url: str) -> None:
    await make_original(
        empty_database_url,
        'ALTER TABLE "user" RENAME COLUMN "emailVerified" TO email_verified',
        'ALTER TABLE account RENAME COLUMN "providerId" TO provider_id',
        'ALTER TABLE "user" RENAME TO users',
        "ALTER TABLE session RENAME TO sessions",
        "ALTER TABLE account RENAME TO accounts",
        "ALTER TABLE verification RENAME TO verifications",
    )
    report = await migrate(empty_database_url)
    assert "users, sessions, accounts, verifications, jwks" in report.lines[0]
    layout = report.state.layout
    assert layout.tables["user"].name == "users"
    assert layout.find_column("user", "emailVerified") == "email_verified"
    assert "verification" not in await _names(empty_database_url)
    again = await migrate(empty_database_url)
    assert again.state.layout == layout
    assert again.lines[0].endswith("is up to date")


async def _names(url: str) -> set[object]:
    return {name for (name,) in await _tables(url)}


async def test_an_unknown_column_that_demands_a_value_is_refused(empty_postgres_url: str) -> None:
    await make_original(
        empty_postgres_url, "ALTER TABLE session ADD COLUMN tenant text", rows=False
    )
    await execute(empty_postgres_url, "ALTER TABLE session ALTER COLUMN tenant SET NOT NULL")
    await _assert_refused(
        empty_postgres_url, '"tenant" of "session"', "BETTER_AUTH_SESSION_ADDITIONAL_FIELDS"
    )
    tenant = read_fields('{"tenant": {"type": "string", "defaultValue": "one"}}')
    declared = Requirements(fields={"session": tenant})
    assert (await migrate(empty_postgres_url, declared)).state.adopted


async def test_a_known_column_that_demands_a_value_is_refused(empty_postgres_url: str) -> None:
    change = 'ALTER TABLE "user" ALTER COLUMN "image" SET NOT NULL'
    await make_original(empty_postgres_url, change, rows=False)
    await _assert_refused(empty_postgres_url, '"image" of "user" must allow NULL')


async def test_times_without_zone_are_utc(empty_postgres_url: str) -> None:
    await make_original(
        empty_postgres_url, 'ALTER TABLE session ALTER COLUMN "expiresAt" TYPE timestamp'
    )
    report = await migrate(empty_postgres_url)
    expires_at = report.state.layout.tables["session"].columns["expiresAt"]
    assert expires_at == ColumnLayout("expiresAt", "timestamp")


async def test_columns_that_are_added_next_to_times_without_zone_have_none_either(
    empty_postgres_url: str,
) -> None:
    await make_original(
        empty_postgres_url,
        'ALTER TABLE jwks ALTER COLUMN "createdAt" TYPE timestamp, DROP COLUMN "expiresAt"',
    )
    layout = (await migrate(empty_postgres_url)).state.layout
    assert layout.tables["jwks"].columns["expiresAt"].form == "timestamp"
    assert await check_schema(empty_postgres_url) == []


async def test_uuid_ids_are_taken(empty_postgres_url: str) -> None:
    change = "ALTER TABLE verification ALTER COLUMN id TYPE uuid USING gen_random_uuid()"
    await make_original(empty_postgres_url, change)
    layout = (await migrate(empty_postgres_url)).state.layout
    assert layout.uuid_ids
    assert layout.tables["verification"].columns["id"] == ColumnLayout("id", "uuid")


async def test_numbers_as_ids_are_refused(empty_postgres_url: str) -> None:
    change = "ALTER TABLE verification ALTER COLUMN id TYPE integer USING 1"
    await make_original(empty_postgres_url, change)
    await _assert_refused(
        empty_postgres_url, 'column "id" of "verification" is integer', 'generateId "serial"'
    )


@pytest.mark.parametrize(
    ("stored", "form"), [("1795830451908", "milliseconds"), ("1795830451", "seconds")]
)
async def test_integer_times_are_told_apart_by_their_values(
    empty_sqlite_url: str, stored: str, form: str
) -> None:
    await make_original(empty_sqlite_url, f'UPDATE session SET "expiresAt" = {stored}')
    layout = (await migrate(empty_sqlite_url)).state.layout
    assert layout.tables["session"].columns["expiresAt"].form == form


@pytest.mark.parametrize(
    ("default", "form"),
    [
        ("DEFAULT (cast(unixepoch('subsecond') * 1000 as integer))", "milliseconds"),
        ("DEFAULT (unixepoch())", "seconds"),
    ],
)
async def test_integer_times_without_rows_are_told_apart_by_a_default(
    empty_sqlite_url: str, default: str, form: str
) -> None:
    await make_integer_times(empty_sqlite_url, default)
    layout = (await migrate(empty_sqlite_url)).state.layout
    for column in ("expiresAt", "createdAt", "updatedAt"):
        assert layout.tables["session"].columns[column].form == form
    assert layout.tables["user"].columns["createdAt"].form == form


async def test_integer_times_without_rows_and_default_are_not_guessed(
    empty_sqlite_url: str,
) -> None:
    await make_integer_times(empty_sqlite_url, "")
    await _assert_refused(
        empty_sqlite_url, "may be text, seconds or milliseconds", "sign one user up"
    )


async def make_integer_times(url: str, default: str) -> None:
    """Makes the tables as Drizzle does, with a default for one column."""
    ddl = (Path(original_schema.__file__).parent / "sqlite.sql").read_text()
    typed = re.sub(r'("\w+At") date', r"\1 integer", ddl)
    first = typed.replace(
        '"createdAt" integer not null', f'"createdAt" integer {default} not null', 1
    )
    await execute(url, first)


@pytest.mark.parametrize(("table", "column"), [("user", "email"), ("session", "token")])
async def test_a_missing_unique_index_is_refused(
    empty_postgres_url: str, table: str, column: str
) -> None:
    drop = f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_{column}_key"'
    await make_original(empty_postgres_url, drop)
    await _assert_refused(empty_postgres_url, f'the column "{column}" of "{table}" is not unique')
    await execute(empty_postgres_url, f'CREATE UNIQUE INDEX ON "{table}" ("{column}")')
    assert (await migrate(empty_postgres_url)).state.adopted


async def test_a_missing_unique_index_is_noticed_on_sqlite(empty_sqlite_url: str) -> None:
    await make_original(
        empty_sqlite_url,
        "CREATE TABLE other AS SELECT * FROM session",
        "DROP TABLE session",
        rows=False,
    )
    rename = "ALTER TABLE other RENAME TO session"
    await execute(empty_sqlite_url, rename)
    pending = await check_schema(empty_sqlite_url)
    assert any('"token" of "session" is not unique' in line for line in pending)


async def test_two_sets_are_refused(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    prefixed = [
        f'CREATE TABLE auth_{table} AS SELECT * FROM "{table}"'
        for table in ("user", "session", "account")
    ]
    await execute(empty_database_url, *prefixed)
    await _assert_refused(empty_database_url, '"auth_user"', "BETTER_AUTH_USER_MODEL_NAME")


async def test_tables_in_another_schema_stop_it(empty_postgres_url: str) -> None:
    await make_original(empty_postgres_url)
    moves = [
        f'ALTER TABLE "{table}" SET SCHEMA auth'
        for table in ("user", "session", "account", "verification", "jwks")
    ]
    await execute(empty_postgres_url, "CREATE SCHEMA auth", *moves)
    await _assert_refused(empty_postgres_url, 'in the schema "auth"', "?schema=auth")
    report = await migrate(f"{empty_postgres_url}&schema=auth")
    assert report.state.adopted
    assert report.state.own_schema == "better_auth_service_auth"
    fresh = await migrate(f"{empty_postgres_url}&schema=public")
    assert not fresh.state.adopted, "each schema has a service of its own"
    assert any("if you mean those, add ?schema=auth" in line for line in fresh.lines)


async def test_sessions_without_their_users_stop_it(empty_database_url: str) -> None:
    await make_original(empty_database_url, "DROP TABLE account")
    if not empty_database_url.startswith("sqlite"):
        await execute(empty_database_url, 'DROP TABLE "user" CASCADE')
    else:
        await execute(empty_database_url, 'DROP TABLE "user"')
    await _assert_refused(empty_database_url, '"session"', "BETTER_AUTH_USER_MODEL_NAME")


async def test_second_factors_that_cannot_be_seen_stop_it(empty_database_url: str) -> None:
    await make_original(
        empty_database_url,
        'CREATE TABLE two_factor (id text, secret text, user_id text, "backup_codes" text)',
    )
    await _assert_refused(empty_database_url, '"two_factor"', '{"twoFactorEnabled":"…"}')
    flag = "integer" if empty_database_url.startswith("sqlite") else "boolean"
    await execute(empty_database_url, f'ALTER TABLE "user" ADD COLUMN mfa {flag}')
    names = NameOptions(fields={"user": {"twoFactorEnabled": "mfa"}})
    report = await migrate(empty_database_url, Requirements(names=names))
    assert report.state.restrictions == {"twoFactorEnabled"}


@pytest.mark.parametrize("table", ["myapp_two_factor", "tfa"])
async def test_second_factors_stop_it_under_any_name(empty_database_url: str, table: str) -> None:
    columns = "id text, secret text, user_id text, backup_codes text"
    await make_original(empty_database_url, f"CREATE TABLE {table} ({columns})")
    await _assert_refused(empty_database_url, f'"{table}"', '{"twoFactorEnabled":"…"}')


async def test_second_factors_that_come_later_stop_it_too(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    await migrate(empty_database_url)
    columns = "id text, secret text, user_id text, backup_codes text"
    await execute(empty_database_url, f"CREATE TABLE two_factor ({columns})")
    database = await open_database(empty_database_url)
    assert not (await inspect_schema(database)).current, "started with --no-migrate"
    await database.close()
    await _assert_refused(empty_database_url, '"two_factor"', '{"twoFactorEnabled":"…"}')
    flag = "integer" if empty_database_url.startswith("sqlite") else "boolean"
    await execute(empty_database_url, f'ALTER TABLE "user" ADD COLUMN two_factor_enabled {flag}')
    assert (await migrate(empty_database_url)).state.restrictions == {"twoFactorEnabled"}


async def test_a_ban_that_cannot_be_seen_stops_it(empty_database_url: str) -> None:
    await make_original(empty_database_url, 'ALTER TABLE "user" ADD COLUMN ban_reason text')
    await _assert_refused(empty_database_url, '"ban_reason"', '{"banned":"…"}')


@pytest.mark.parametrize("mark", ["banned", "twoFactorEnabled"])
async def test_a_mark_that_settings_name_must_be_there(empty_database_url: str, mark: str) -> None:
    requirements = Requirements(names=NameOptions(fields={"user": {mark: "other"}}))
    with pytest.raises(SchemaError, match=f"names a column for {mark}"):
        await migrate(empty_database_url, requirements)
    await make_original(empty_database_url)
    for _ in range(2):
        with pytest.raises(SchemaError, match=f'has no column "other" for {mark}'):
            await migrate(empty_database_url, requirements)
        await migrate(empty_database_url)


async def test_two_columns_for_one_mark_are_not_guessed(empty_database_url: str) -> None:
    flag = "integer" if empty_database_url.startswith("sqlite") else "boolean"
    yes = "1" if flag == "integer" else "true"
    await make_original(
        empty_database_url,
        f'ALTER TABLE "user" ADD COLUMN "twoFactorEnabled" {flag}',
        f'ALTER TABLE "user" ADD COLUMN two_factor_enabled {flag}',
        f'UPDATE "user" SET two_factor_enabled = {yes}',
    )
    both = ('"twoFactorEnabled" and "two_factor_enabled"', '{"twoFactorEnabled":"…"}')
    await _assert_refused(empty_database_url, *both)
    names = NameOptions(fields={"user": {"twoFactorEnabled": "two_factor_enabled"}})
    report = await migrate(empty_database_url, Requirements(names=names))
    assert report.state.restricted == {"twoFactorEnabled": 1}


@pytest.mark.parametrize("name", ["two_factor_enabled", "twoFactorEnabled", "is_banned", "BANNED"])
async def test_marks_count_under_any_spelling(empty_database_url: str, name: str) -> None:
    flag = "integer" if empty_database_url.startswith("sqlite") else "boolean"
    yes = "1" if flag == "integer" else "true"
    await make_original(
        empty_database_url,
        f'ALTER TABLE "user" ADD COLUMN "{name}" {flag}',
        f'UPDATE "user" SET "{name}" = {yes}',
    )
    report = await migrate(empty_database_url)
    expected = set() if name == "is_banned" else {name}
    assert len(report.state.restrictions) == len(expected)
    assert sum(report.state.restricted.values()) == len(expected)


async def test_columns_of_plugins_are_named_with_their_fields(empty_database_url: str) -> None:
    await make_original(
        empty_database_url,
        'ALTER TABLE "user" ADD COLUMN role text',
        "ALTER TABLE session ADD COLUMN active_organization_id text",
    )
    lines = (await migrate(empty_database_url)).lines
    role = '{"role":{"type":"string","required":false,"input":false,"defaultValue":"user"}}'
    assert any(f"BETTER_AUTH_USER_ADDITIONAL_FIELDS={role}" in line for line in lines)
    assert any('"fieldName":"active_organization_id"' in line for line in lines)


async def test_the_fields_to_set_include_those_that_are_set(empty_database_url: str) -> None:
    await make_original(
        empty_database_url,
        'ALTER TABLE "user" ADD COLUMN firm text',
        'ALTER TABLE "user" ADD COLUMN username text',
    )
    company = '"company":{"type":"string","required":false,"fieldName":"firm"}'
    declared = read_fields(f"{{{company}}}")
    lines = (await migrate(empty_database_url, Requirements(fields={"user": declared}))).lines
    [line] = [each for each in lines if "columns of plugins" in each]
    _, _, value = line.partition("BETTER_AUTH_USER_ADDITIONAL_FIELDS=")
    assert [field.name for field in read_fields(value)] == ["company", "username"]
    assert read_fields(value)[0] == declared[0]
    assert not any("of your own" in each for each in lines)


async def test_columns_of_the_application_are_named(empty_database_url: str) -> None:
    await make_original(
        empty_database_url,
        'ALTER TABLE "user" ADD COLUMN company text',
        'ALTER TABLE "user" ADD COLUMN two_factor_enabled boolean',
    )
    lines = (await migrate(empty_database_url)).lines
    assert any("that responses leave out (company); to include" in line for line in lines)


async def test_check_names_the_columns_that_responses_will_leave_out(
    empty_database_url: str,
) -> None:
    await make_original(empty_database_url, 'ALTER TABLE "user" ADD COLUMN role text')
    lines = await check_schema(empty_database_url)
    assert any("BETTER_AUTH_USER_ADDITIONAL_FIELDS=" in line for line in lines)
    await migrate(empty_database_url)
    assert await check_schema(empty_database_url) == []


async def test_columns_that_are_missing_are_told_in_one_line(empty_database_url: str) -> None:
    await make_original(
        empty_database_url,
        'ALTER TABLE "user" RENAME COLUMN email TO mail',
        'ALTER TABLE "user" RENAME COLUMN name TO title',
        'ALTER TABLE "user" ADD COLUMN display_username text',
    )
    requirements = Requirements(names=NameOptions(tables={"user": "user"}))
    [line] = await check_schema(empty_database_url, requirements)
    assert '"user" has no column name, email: ' in line
    assert "(unknown here: mail, title)" in line
    assert 'BETTER_AUTH_USER_FIELDS={"name":"…","email":"…"}' in line


async def test_keys_that_another_program_dropped_get_a_new_table(empty_database_url: str) -> None:
    await make_original(empty_database_url, "DROP TABLE jwks")
    layout = (await migrate(empty_database_url)).state.layout
    where = quote_table(layout, "jwks")
    columns = await _list_columns(empty_database_url)
    await execute(empty_database_url, f"DROP TABLE {where}")
    assert any("would create the table" in line for line in await check_schema(empty_database_url))
    report = await migrate(empty_database_url)
    assert "created the table" in report.lines[0]
    assert 'the table "jwks" is gone, because' in report.lines[1]
    assert report.state.layout == layout
    assert await _list_columns(empty_database_url) == columns
    assert await check_schema(empty_database_url) == []


async def _list_columns(url: str) -> set[tuple[str, str, bool]]:
    """Returns what the columns of `jwks` are: their names, types, and whether they may be NULL."""
    database = await open_database(url)
    try:
        catalog = await read_catalog(database.read_all, database.dialect)
    finally:
        await database.close()
    [table] = [each for each in catalog.tables if each.name == "jwks"]
    return {(name, each.type, each.nullable) for name, each in table.columns.items()}


async def test_a_column_that_another_program_renamed_is_followed(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    await migrate(empty_database_url)
    rename = 'ALTER TABLE "user" RENAME COLUMN "emailVerified" TO email_verified'
    await execute(empty_database_url, rename)
    report = await migrate(empty_database_url)
    assert report.state.layout.find_column("user", "emailVerified") == "email_verified"
    told = 'the column "emailVerified" of "user" is gone: the new names are used'
    assert any(told in line for line in report.lines)


async def test_a_table_that_another_program_dropped_is_told(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    await migrate(empty_database_url)
    await execute(empty_database_url, "DROP TABLE account")
    await _assert_refused(empty_database_url, 'the table "account" is gone')


async def test_the_record_of_an_older_release_is_moved(empty_postgres_url: str) -> None:
    await migrate(empty_postgres_url)
    await execute(
        empty_postgres_url,
        *(
            f"ALTER TABLE better_auth_service.{table} SET SCHEMA public"
            for table in ("better_auth_migrations", "better_auth_origin")
        ),
        "ALTER TABLE better_auth_origin DROP COLUMN layout",
        "UPDATE better_auth_migrations SET version_num = 'core_0001'"
        " WHERE version_num LIKE 'core%'",
        "DROP SCHEMA better_auth_service",
    )
    assert any("would move" in line for line in await check_schema(empty_postgres_url))
    report = await migrate(empty_postgres_url)
    assert any("moved better_auth_migrations" in line for line in report.lines)
    assert (report.state.current, report.state.adopted) == (True, False)
    assert await check_schema(empty_postgres_url) == []


async def test_others_tables_of_users_are_left_alone(empty_postgres_url: str) -> None:
    columns = 'name text, email text, "emailVerified" timestamp, image text'
    await execute(
        empty_postgres_url,
        f'CREATE TABLE "User" (id text, {columns})',
        'CREATE TABLE "Session" (id text, "sessionToken" text, "userId" text, expires timestamp)',
        "CREATE TABLE users (id text, name text, email text, email_verified boolean, image text,"
        " created_at timestamp, updated_at timestamp)",
    )
    report = await migrate(empty_postgres_url)
    assert not report.state.adopted
    assert {"user", "User", "users"} <= await _names(empty_postgres_url)


async def test_new_tables_get_the_names_of_the_options(empty_database_url: str) -> None:
    names = NameOptions(
        {"user": "people", "session": "logins"}, {"user": {"emailVerified": "verified"}}
    )
    report = await migrate(empty_database_url, Requirements(names=names))
    assert not report.state.adopted
    assert await _read(empty_database_url, text("SELECT verified FROM people")) == []
    assert await check_schema(empty_database_url, Requirements(names=names)) == []


async def test_a_table_called_user_that_is_not_better_auths_is_refused(
    empty_database_url: str,
) -> None:
    await execute(empty_database_url, 'CREATE TABLE "user" (id integer)')
    await _assert_refused(empty_database_url, 'the table "user" is not one of Better Auth')
    assert len(await check_schema(empty_database_url)) == 1


async def test_a_database_whose_sessions_are_in_redis_is_adopted_with_redis_only(
    empty_database_url: str,
) -> None:
    await make_original(empty_database_url, "DROP TABLE session", "DROP TABLE verification")
    await _assert_refused(empty_database_url, "no table of sessions", "REDIS_URL")
    report = await migrate(empty_database_url, Requirements(storage=True))
    assert report.state.adopted
    assert report.state.current
    assert await check_schema(empty_database_url) == []


async def test_somebody_elses_tasks_are_refused_only_when_ours_are_wanted(
    empty_database_url: str,
) -> None:
    await make_original(empty_database_url, "CREATE TABLE tasks (id integer, title text)")
    with pytest.raises(SchemaError, match="TASK_API=false"):
        await migrate(empty_database_url, Requirements(task_api=True))
    assert (await migrate(empty_database_url)).state.adopted


async def test_tasks_of_our_shape_are_taken_over(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    forget = f"DELETE FROM {versions(empty_database_url)} WHERE version_num LIKE 'tasks%'"
    await execute(empty_database_url, forget)
    assert (await migrate(empty_database_url)).state.tasks


async def test_tasks_with_more_columns_are_refused(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    forget = f"DELETE FROM {versions(empty_database_url)} WHERE version_num LIKE 'tasks%'"
    await execute(empty_database_url, forget, "ALTER TABLE tasks ADD COLUMN project text")
    await _assert_refused(empty_database_url, "(see project)")


async def test_all_obstacles_are_told_by_check(empty_database_url: str) -> None:
    await make_original(
        empty_database_url,
        'ALTER TABLE account RENAME COLUMN "password" TO hash',
        'ALTER TABLE "user" RENAME COLUMN image TO avatar',
    )
    await _assert_refused(empty_database_url, "(1 more: `.venv/bin/python -m app migrate --check`)")
    assert len(await check_schema(empty_database_url)) == 2


async def test_case_of_names_does_not_matter_on_sqlite(empty_sqlite_url: str) -> None:
    await make_original(
        empty_sqlite_url,
        'ALTER TABLE account RENAME TO x; ALTER TABLE x RENAME TO "Account"',
        'ALTER TABLE "user" RENAME COLUMN image TO "Image"',
    )
    assert (await migrate(empty_sqlite_url)).state.adopted


@pytest.mark.parametrize("table", ["user", "session", "account"])
async def test_a_wrong_table_name_is_told_and_nothing_is_made(
    empty_database_url: str, table: str
) -> None:
    renames = [f'ALTER TABLE "{name}" RENAME TO auth_{name}' for name in ("user", "session")]
    await make_original(empty_database_url, *renames, "ALTER TABLE account RENAME TO auth_account")
    before = await _tables(empty_database_url)
    wrong = Requirements(names=NameOptions(tables={table: "nope"}))
    told = f'BETTER_AUTH_{table.upper()}_MODEL_NAME: there is no table "nope"'
    with pytest.raises(SchemaError, match=told):
        await migrate(empty_database_url, wrong)
    assert await _tables(empty_database_url) == before
    right = Requirements(names=NameOptions(tables={table: f"auth_{table}"}))
    assert (await migrate(empty_database_url, right)).state.adopted


async def test_a_wrong_column_name_is_told(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    wrong = Requirements(names=NameOptions(fields={"user": {"email": "mail"}}))
    told = 'BETTER_AUTH_USER_FIELDS: "user" has no column "mail" for email: correct the name'
    with pytest.raises(SchemaError, match=told):
        await migrate(empty_database_url, wrong)


async def test_names_that_settings_say_later_are_followed_or_told(empty_database_url: str) -> None:
    await make_original(empty_database_url)
    await migrate(empty_database_url)
    renamed = Requirements(names=NameOptions(tables={"session": "logins"}))
    told = 'BETTER_AUTH_SESSION_MODEL_NAME says "logins", not "session"; .* correct the setting'
    with pytest.raises(SchemaError, match=told):
        await migrate(empty_database_url, renamed)
    await execute(empty_database_url, "ALTER TABLE session RENAME TO logins")
    report = await migrate(empty_database_url, renamed)
    assert report.state.layout.describe_table("session").name == "logins"
    assert any('says "logins", not "session": the new names are used' in x for x in report.lines)
    assert (await migrate(empty_database_url, renamed)).lines[0].endswith("is up to date")


async def test_a_table_that_is_missing_gets_the_name_of_the_settings(
    empty_database_url: str,
) -> None:
    await make_original(empty_database_url, "DROP TABLE jwks", "DROP TABLE session")
    names = NameOptions(
        tables={"jwks": "keys", "session": "logins"}, fields={"session": {"token": "secret"}}
    )
    requirements = Requirements(names=names, storage=True)
    layout = (await migrate(empty_database_url, requirements)).state.layout
    assert layout.describe_table("jwks").name == "keys"
    assert layout.find_column("session", "token") == "secret"
    assert {"keys", "logins"} <= await _names(empty_database_url)
    assert await check_schema(empty_database_url, requirements) == []


async def test_a_role_that_may_only_read_is_told_what_to_do(empty_postgres_url: str) -> None:
    await make_original(empty_postgres_url)
    role = f"reader_{uuid4().hex}"
    await execute(
        empty_postgres_url,
        f"CREATE ROLE {role} LOGIN",
        f"ALTER ROLE {role} SET default_transaction_read_only = on",
    )
    before = await _tables(empty_postgres_url)
    url = re.sub("//postgres:?@", f"//{role}@", empty_postgres_url)
    with pytest.raises(SchemaError, match="must name the primary server and a user who may write"):
        await migrate(url)
    assert await _tables(empty_postgres_url) == before
    await execute(empty_postgres_url, f"DROP ROLE {role}")
