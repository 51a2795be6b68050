import pytest
from sqlalchemy import Executable, text

from app.schema.migrate import check_schema, migrate
from app.schema.requirements import Requirements
from app.schema.state import SchemaError, inspect_schema
from app.storage.database import open_database
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
    pending = await check_schema(empty_database_url)
    report = await migrate(empty_database_url)
    name = report.lines[0].partition(": ")[0]
    assert [line.removeprefix(name) for line in pending[1:]] == [
        ": would create the missing table verification",
        ": would create the missing table jwks",
    ]
    made = [line.removeprefix(name) for line in report.lines[1:3]]
    assert made == [": created the missing table verification", ": created the missing table jwks"]
    assert await _read(empty_database_url, text("SELECT * FROM jwks")) == []
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
    hashes = {"b": "'$2b$10$abc'", "c": "'$argon2id$v=19$x'", "d": "'plain'", "e": "NULL"}
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
    assert state.hashes == {"scrypt", "bcrypt", "argon2", "other"}
    assert report.state.hashes == frozenset(), "looked through the passwords twice in one start"


async def test_a_missing_column_is_refused_with_the_statement_that_adds_it(
    empty_database_url: str,
) -> None:
    await make_original(empty_database_url, 'ALTER TABLE account DROP COLUMN "scope"')
    add = 'run: ALTER TABLE "account" ADD COLUMN "scope" text'
    await _assert_refused(empty_database_url, '"account" has no column "scope"', add)
    await execute(empty_database_url, add.removeprefix("run: "))
    assert (await migrate(empty_database_url)).state.adopted


@pytest.mark.parametrize("column", ["emailVerified", "updatedAt", "name"])
async def test_a_missing_column_that_needs_a_value_gets_one(
    empty_database_url: str, column: str
) -> None:
    await make_original(empty_database_url, f'ALTER TABLE "user" DROP COLUMN "{column}"')
    with pytest.raises(SchemaError) as caught:
        await migrate(empty_database_url)
    await execute(empty_database_url, str(caught.value).partition("run: ")[2])
    assert (await migrate(empty_database_url)).state.adopted


async def test_snake_case_columns_are_refused_with_the_statement_that_renames_them(
    empty_database_url: str,
) -> None:
    await make_original(
        empty_database_url, 'ALTER TABLE "user" RENAME COLUMN "emailVerified" TO email_verified'
    )
    rename = 'ALTER TABLE "user" RENAME COLUMN "email_verified" TO "emailVerified"'
    await _assert_refused(empty_database_url, "has the name", rename)
    await execute(empty_database_url, rename)
    assert (await migrate(empty_database_url)).state.adopted


async def test_renaming_is_all_that_a_column_in_snake_case_needs(empty_database_url: str) -> None:
    rename = 'ALTER TABLE "user" RENAME COLUMN "createdAt" TO created_at'
    await make_original(empty_database_url, rename, rows=False)
    (line,) = await check_schema(empty_database_url)
    assert line.endswith('run: ALTER TABLE "user" RENAME COLUMN "created_at" TO "createdAt"')


async def test_renamed_tables_are_refused_with_the_statement_that_renames_them(
    empty_database_url: str,
) -> None:
    await make_original(empty_database_url, 'ALTER TABLE "user" RENAME TO users')
    rename = 'ALTER TABLE "users" RENAME TO "user"'
    await _assert_refused(empty_database_url, rename)
    await execute(empty_database_url, rename)
    assert (await migrate(empty_database_url)).state.adopted


async def test_an_unknown_column_that_demands_a_value_is_refused(empty_postgres_url: str) -> None:
    await make_original(
        empty_postgres_url, "ALTER TABLE session ADD COLUMN tenant text", rows=False
    )
    await execute(empty_postgres_url, "ALTER TABLE session ALTER COLUMN tenant SET NOT NULL")
    mend = 'ALTER TABLE "session" ALTER COLUMN "tenant" DROP NOT NULL'
    await _assert_refused(empty_postgres_url, '"tenant" of "session"', mend)
    await execute(empty_postgres_url, mend)
    assert (await migrate(empty_postgres_url)).state.adopted


async def test_a_known_column_that_demands_a_value_is_refused(empty_postgres_url: str) -> None:
    mend = 'ALTER TABLE "user" ALTER COLUMN "image" DROP NOT NULL'
    change = 'ALTER TABLE "user" ALTER COLUMN "image" SET NOT NULL'
    await make_original(empty_postgres_url, change, rows=False)
    await _assert_refused(empty_postgres_url, mend)


async def test_times_without_zone_are_refused_with_the_statement_that_converts_them(
    empty_postgres_url: str,
) -> None:
    await make_original(
        empty_postgres_url, 'ALTER TABLE session ALTER COLUMN "expiresAt" TYPE timestamp'
    )
    mend = (
        'ALTER TABLE "session" ALTER COLUMN "expiresAt" TYPE timestamptz'
        " USING \"expiresAt\" AT TIME ZONE 'UTC'"
    )
    await _assert_refused(empty_postgres_url, "timestamp without time zone", mend)
    await execute(empty_postgres_url, mend)
    assert (await migrate(empty_postgres_url)).state.adopted


@pytest.mark.parametrize(("kind", "filled"), [("uuid", "gen_random_uuid()"), ("integer", "1")])
async def test_other_kinds_of_ids_are_refused(
    empty_postgres_url: str, kind: str, filled: str
) -> None:
    change = f"ALTER TABLE verification ALTER COLUMN id TYPE {kind} USING {filled}"
    await make_original(empty_postgres_url, change)
    await _assert_refused(
        empty_postgres_url,
        f'column "id" of "verification" is {kind}, not text',
        'ALTER TABLE "verification" ALTER COLUMN "id" TYPE text',
    )


async def test_integer_times_are_refused(empty_sqlite_url: str) -> None:
    typed = 'CREATE TABLE session (id text, "expiresAt" integer, token text)'
    await make_original(empty_sqlite_url, "DROP TABLE session", typed, rows=False)
    await _assert_refused(empty_sqlite_url, 'column "expiresAt" of "session" is integer, not date')


async def test_numbers_in_a_column_of_dates_are_refused(empty_sqlite_url: str) -> None:
    await make_original(empty_sqlite_url, 'UPDATE session SET "expiresAt" = 1795830451908')
    await _assert_refused(empty_sqlite_url, '"session" contains times that are not ISO text')


@pytest.mark.parametrize(
    ("table", "column", "index"),
    [("user", "email", "user_email_key"), ("session", "token", "session_token_key")],
)
async def test_a_missing_unique_index_is_refused_with_the_statement_that_makes_it(
    empty_postgres_url: str, table: str, column: str, index: str
) -> None:
    await make_original(empty_postgres_url, f'ALTER TABLE "{table}" DROP CONSTRAINT "{index}"')
    mend = f'CREATE UNIQUE INDEX "{index}" ON "{table}" ("{column}")'
    await _assert_refused(empty_postgres_url, mend)
    await execute(empty_postgres_url, mend)
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
    assert any('CREATE UNIQUE INDEX "session_token_key"' in line for line in pending)


async def test_a_table_called_user_that_is_not_better_auths_is_refused(
    empty_database_url: str,
) -> None:
    await execute(empty_database_url, 'CREATE TABLE "user" (id integer)')
    await _assert_refused(empty_database_url, 'but no "account": it is not a table of Better Auth')
    assert len(await check_schema(empty_database_url)) == 1


async def test_a_database_whose_sessions_are_in_redis_is_adopted_with_redis_only(
    empty_database_url: str,
) -> None:
    await make_original(empty_database_url, "DROP TABLE session", "DROP TABLE verification")
    await _assert_refused(empty_database_url, 'no "session"', "REDIS_URL")
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
    forget = "DELETE FROM better_auth_migrations WHERE version_num LIKE 'tasks%'"
    await execute(empty_database_url, forget)
    assert (await migrate(empty_database_url)).state.tasks


async def test_tasks_with_more_columns_are_refused(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    forget = "DELETE FROM better_auth_migrations WHERE version_num LIKE 'tasks%'"
    await execute(empty_database_url, forget, "ALTER TABLE tasks ADD COLUMN project text")
    await _assert_refused(empty_database_url, "(see project)")


async def test_all_obstacles_are_told_by_check(empty_database_url: str) -> None:
    await make_original(
        empty_database_url,
        'ALTER TABLE account DROP COLUMN "scope"',
        'ALTER TABLE account DROP COLUMN "idToken"',
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
