"""Databases that Drizzle, Prisma and Better Auth's own options make, with other names and types."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import NamedTuple

import asyncpg
import pytest

from app.bridge import Settings, SettingsError, Unavailable, configure, session_table
from app.bridge.catalog import Catalog, read_catalog
from app.bridge.errors import BannedUser, BridgeError, TwoFactorRequired
from app.bridge.session_table import SessionTable
from app.bridge.table_names import NameOptions
from tests.support.sqlite_file import path_of

pytestmark = pytest.mark.anyio

DRIZZLE = """
CREATE TABLE {schema}"{user}" (
  id {id} PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE,
  email_verified {bool} NOT NULL, image text, created_at {time} NOT NULL,
  updated_at {time} NOT NULL);
CREATE TABLE {schema}"{session}" (
  id {id} PRIMARY KEY, expires_at {time} NOT NULL, token text NOT NULL UNIQUE,
  created_at {time} NOT NULL, updated_at {time} NOT NULL, ip_address text, user_agent text,
  user_id {id} NOT NULL REFERENCES {schema}"{user}" (id));
CREATE TABLE {schema}"{account}" (
  id {id} PRIMARY KEY, account_id text NOT NULL, provider_id text NOT NULL,
  user_id {id} NOT NULL REFERENCES {schema}"{user}" (id), access_token text, refresh_token text,
  id_token text, access_token_expires_at {time}, refresh_token_expires_at {time}, scope text,
  password text, created_at {time} NOT NULL, updated_at {time} NOT NULL);
"""
PRISMA = """
CREATE TABLE "{user}" (
  "id" {id} NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "email" TEXT NOT NULL,
  "emailVerified" {bool} NOT NULL, "image" TEXT, "createdAt" {time} NOT NULL,
  "updatedAt" {time} NOT NULL);
CREATE TABLE "{session}" (
  "id" {id} NOT NULL PRIMARY KEY, "expiresAt" {time} NOT NULL, "token" TEXT NOT NULL,
  "createdAt" {time} NOT NULL, "updatedAt" {time} NOT NULL, "ipAddress" TEXT, "userAgent" TEXT,
  "userId" {id} NOT NULL REFERENCES "{user}" ("id"));
CREATE TABLE "{account}" (
  "id" {id} NOT NULL PRIMARY KEY, "accountId" TEXT NOT NULL, "providerId" TEXT NOT NULL,
  "userId" {id} NOT NULL REFERENCES "{user}" ("id"), "accessToken" TEXT, "refreshToken" TEXT,
  "idToken" TEXT, "accessTokenExpiresAt" {time}, "refreshTokenExpiresAt" {time}, "scope" TEXT,
  "password" TEXT, "createdAt" {time} NOT NULL, "updatedAt" {time} NOT NULL);
"""
UUIDS = "0b8f2a4e-5c1d-4e3f-9a7b-1c2d3e4f5a6b", "f47ac10b-58cc-4372-a567-0e02b2c3d479"
FUTURE, PAST = "2999-01-01 00:00:00", "2001-01-01 00:00:00"
FUTURE_ISO, PAST_ISO = "2999-01-01T00:00:00.000Z", "2001-01-01T00:00:00.000Z"
FUTURE_MS, PAST_MS = 32472144000000, 978307200000


class Layout(NamedTuple):
    """A database; `future` and `past` are as its columns store them."""

    engine: str
    ddl: str
    time: str
    future: str | int = FUTURE
    past: str | int = PAST
    id: str = "text"
    ids: tuple[str, str] = ("u1", "s1")
    tables: tuple[str, str, str] = ("user", "session", "account")
    schema: str = ""
    names: NameOptions = NameOptions()

    def write_ddl(self) -> str:
        user, session, account = self.tables
        schema = f'"{self.schema}".' if self.schema else ""
        boolean = "boolean" if self.engine == "postgres" else "integer"
        made = f'CREATE SCHEMA "{self.schema}";' if self.schema else ""
        return made + self.ddl.format(
            schema=schema, user=user, session=session, account=account,
            id=self.id, bool=boolean, time=self.time,
        )  # fmt: skip

    def write_rows(self, expires: str | int) -> str:
        user, session, _ = self.tables
        schema = f'"{self.schema}".' if self.schema else ""
        (user_id, session_id), at = self.ids, repr(self.past)
        return (
            f"INSERT INTO {schema}\"{user}\" VALUES ('{user_id}', 'Ada', 'ada@example.com',"
            f" {'true' if self.engine == 'postgres' else 1}, NULL, {at}, {at});"
            f"INSERT INTO {schema}\"{session}\" VALUES ('{session_id}', {expires!r}, 'token', {at},"
            f" {at}, NULL, NULL, '{user_id}')"
        )


PLURAL = "users", "sessions", "accounts"
CAPITAL = "User", "Session", "Account"
LAYOUTS = {
    "drizzle": Layout("postgres", DRIZZLE, "timestamp"),
    "drizzle, plural, own schema": Layout(
        "postgres", DRIZZLE, "timestamptz", tables=PLURAL, schema="Auth"
    ),
    "prisma": Layout("postgres", PRISMA, "timestamp(3)", tables=CAPITAL),
    "uuid": Layout("postgres", DRIZZLE, "timestamp", id="uuid", ids=UUIDS),
    "serial": Layout("postgres", PRISMA, "timestamptz", id="integer", ids=("7", "9")),
    "integers": Layout("postgres", DRIZZLE, "bigint", FUTURE_MS, PAST_MS),
    "renamed": Layout(
        "postgres", PRISMA, "timestamptz", tables=("people:x", "logins", "credentials")
    ),
    "drizzle, sqlite": Layout("sqlite", DRIZZLE, "integer", FUTURE_MS, PAST_MS),
    "drizzle, sqlite, seconds": Layout(
        "sqlite", DRIZZLE, "integer", FUTURE_MS // 1000, PAST_MS // 1000, tables=PLURAL
    ),
    "prisma, sqlite": Layout("sqlite", PRISMA, "DATETIME", FUTURE_MS, PAST_MS, tables=CAPITAL),
    "prisma, sqlite, text": Layout("sqlite", PRISMA, "DATETIME", FUTURE_ISO, PAST_ISO),
    "uuid, sqlite": Layout("sqlite", DRIZZLE, "integer", FUTURE_MS, PAST_MS, ids=UUIDS),
    "serial, sqlite": Layout(
        "sqlite", DRIZZLE, "integer", FUTURE_MS, PAST_MS, id="integer", ids=("7", "9")
    ),
}


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> Layout:
    return LAYOUTS[request.param]


@pytest.fixture
def url(layout: Layout, request: pytest.FixtureRequest) -> str:
    found = str(request.getfixturevalue(f"empty_{layout.engine}_url"))
    return f"{found}&schema={layout.schema}" if layout.schema else found


@pytest.fixture
async def table(layout: Layout, url: str) -> AsyncIterator[SessionTable]:
    """Of a database with one session, which is active."""
    await run(url, layout.write_ddl(), layout.write_rows(layout.future))
    opened = SessionTable(url, names=layout.names)
    yield opened
    await opened.close()


async def run(url: str, *statements: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(path_of(url))) as file:
            file.executescript(";".join(statements))
        return
    connection = await asyncpg.connect(url.partition("&schema=")[0])
    await connection.execute(";".join(statements))
    await connection.close()


async def test_session_has_its_user(table: SessionTable, layout: Layout) -> None:
    await table.check()
    user = await table.find_user("token")
    assert user is not None
    assert (user.id, user.session_id) == layout.ids
    assert (user.email, user.name) == ("ada@example.com", "Ada")
    assert user["exp"] == FUTURE_MS // 1000
    assert await table.find_user("other") is None


async def test_session_is_alive_by_its_id(table: SessionTable, layout: Layout) -> None:
    user_id, session_id = layout.ids
    assert await table.is_alive(session_id, user_id)
    assert not await table.is_alive(session_id, session_id)
    for other in (user_id, "unknown", "", "9" * 19, "9" * 30, "٩", "{}"):
        assert not await table.is_alive(other, user_id)


async def test_expired_session_has_no_user(url: str, layout: Layout) -> None:
    await run(url, layout.write_ddl(), layout.write_rows(layout.past))
    table = SessionTable(url)
    assert await table.find_user("token") is None
    assert not await table.is_alive(layout.ids[1], layout.ids[0])
    await table.close()


@pytest.mark.parametrize(
    ("mark", "refusal"),
    [
        ("banned", BannedUser),
        ("twoFactorEnabled", TwoFactorRequired),
        ("two_factor_enabled", TwoFactorRequired),
    ],
)
async def test_mark_counts_from_the_day_that_its_column_is_there(
    table: SessionTable, url: str, layout: Layout, mark: str, refusal: type[BridgeError]
) -> None:
    schema = f'"{layout.schema}".' if layout.schema else ""
    user = f'{schema}"{layout.tables[0]}"'
    assert await table.find_user("token") is not None
    await run(url, f'ALTER TABLE {user} ADD COLUMN "{mark}" boolean')
    assert await table.find_user("token") is not None
    await run(url, f'UPDATE {user} SET "{mark}" = true')
    for each in (table, SessionTable(url)):
        with pytest.raises(refusal):
            await each.find_user("token")
        with pytest.raises(refusal):
            await each.is_alive(layout.ids[1], layout.ids[0])
        await each.close()


@pytest.mark.parametrize(
    ("mark", "refusal"), [("banned", BannedUser), ("twoFactorEnabled", TwoFactorRequired)]
)
async def test_mark_counts_under_the_name_that_settings_say(
    table: SessionTable, url: str, layout: Layout, mark: str, refusal: type[BridgeError]
) -> None:
    schema = f'"{layout.schema}".' if layout.schema else ""
    user = f'{schema}"{layout.tables[0]}"'
    named = SessionTable(url, names=NameOptions(fields={"user": {mark: "odd"}}))
    with pytest.raises(ValueError, match=f'has no column "odd" for {mark}'):
        await named.check()
    await named.close()
    await run(url, f"ALTER TABLE {user} ADD COLUMN odd boolean")
    named = SessionTable(url, names=NameOptions(fields={"user": {mark: "odd"}}))
    assert await named.find_user("token") is not None
    await run(url, f"UPDATE {user} SET odd = true")
    with pytest.raises(refusal):
        await named.find_user("token")
    assert await table.find_user("token") is not None
    await named.close()


async def test_time_without_a_zone_is_utc(empty_postgres_url: str) -> None:
    layout = LAYOUTS["drizzle"]
    await run(
        empty_postgres_url,
        layout.write_ddl(),
        layout.write_rows(FUTURE),
        "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || quote_ident(current_database())"
        " || ' SET timezone = ''Asia/Tokyo'''; END $$",
    )
    table = SessionTable(empty_postgres_url)
    soon = "UPDATE session SET expires_at = (now() AT TIME ZONE 'UTC') {} interval '1 minute'"
    await run(empty_postgres_url, soon.format("+"))
    assert await table.find_user("token") is not None
    await run(empty_postgres_url, soon.format("-"))
    assert await table.find_user("token") is None
    await table.close()


async def test_fields_name_columns(empty_database_url: str, engine: str) -> None:
    layout = LAYOUTS["drizzle" if engine == "postgres" else "drizzle, sqlite"]
    renamed = layout.write_ddl().replace(" token ", " secret ").replace(" email ", " mail ")
    await run(empty_database_url, renamed, layout.write_rows(layout.future))
    table = SessionTable(empty_database_url)
    with pytest.raises(ValueError, match=r"no column for 'token' .* BETTER_AUTH_SESSION_FIELDS$"):
        await table.check()
    with pytest.raises(Unavailable):
        await table.find_user("token")
    fields = {"session": {"token": "secret"}, "user": {"email": "mail"}}
    named = SessionTable(empty_database_url, names=NameOptions(fields=fields))
    user = await named.find_user("token")
    assert user is not None
    assert user.email == "ada@example.com"
    await asyncio.gather(table.close(), named.close())


async def test_two_sets_are_refused_and_an_option_chooses(
    empty_database_url: str, engine: str
) -> None:
    layout = LAYOUTS["drizzle" if engine == "postgres" else "drizzle, sqlite"]
    other = layout._replace(tables=("auth_user", "auth_session", "auth_account"))
    rows = other.write_rows(layout.future)
    await run(empty_database_url, layout.write_ddl(), other.write_ddl(), rows)
    table = SessionTable(empty_database_url)
    with pytest.raises(ValueError, match=r"^DATABASE_URL: .* BETTER_AUTH_USER_MODEL_NAME") as line:
        await table.check()
    assert "\n" not in str(line.value)
    chosen = SessionTable(empty_database_url, names=NameOptions({"user": "auth_user"}))
    assert await chosen.find_user("token") is not None
    await asyncio.gather(table.close(), chosen.close())


async def test_database_without_better_auth_is_told(empty_database_url: str) -> None:
    other = 'CREATE TABLE "user" (id integer, email text); CREATE TABLE "session" (sid text)'
    await run(empty_database_url, other)
    table = SessionTable(empty_database_url)
    with pytest.raises(ValueError, match=r"no tables of Better Auth; .*_USER_MODEL_NAME"):
        await table.check()
    named = SessionTable(empty_database_url, names=NameOptions({"session": "logins"}))
    with pytest.raises(ValueError, match="SESSION_MODEL_NAME: there is no table 'logins'"):
        await named.check()
    await asyncio.gather(table.close(), named.close())


async def test_tables_in_another_schema_are_told(empty_postgres_url: str) -> None:
    await run(empty_postgres_url, LAYOUTS["drizzle, plural, own schema"].write_ddl())
    table = SessionTable(empty_postgres_url)
    with pytest.raises(ValueError, match=r"in another schema: add \?schema=Auth"):
        await table.check()
    await table.close()


async def test_views_with_better_auths_names_are_read(empty_postgres_url: str) -> None:
    layout = LAYOUTS["drizzle, plural, own schema"]
    views = (
        'CREATE VIEW "user" AS SELECT * FROM "Auth".users;'
        'CREATE VIEW "session" AS SELECT *, user_id AS "userId", expires_at AS "expiresAt"'
        ' FROM "Auth".sessions'
    )
    rows = layout.write_rows(FUTURE)
    await run(empty_postgres_url, layout.write_ddl(), rows, views)
    table = SessionTable(empty_postgres_url)
    await table.check()
    assert await table.find_user("token") is not None
    await table.close()


async def test_tables_that_a_migration_renamed_are_found_again(
    empty_database_url: str, engine: str
) -> None:
    layout = LAYOUTS["drizzle" if engine == "postgres" else "drizzle, sqlite"]
    await run(empty_database_url, layout.write_ddl(), layout.write_rows(layout.future))
    table = SessionTable(empty_database_url)
    assert await table.find_user("token") is not None
    await run(empty_database_url, "ALTER TABLE session RENAME TO sessions")
    assert await table.find_user("token") is not None
    await run(empty_database_url, "ALTER TABLE sessions RENAME COLUMN user_id TO userid")
    assert await table.find_user("token") is not None
    await table.close()


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[Catalog]:
    """What was read of catalogs."""
    found: list[Catalog] = []

    async def count(*arguments: object) -> Catalog:
        found.append(await read_catalog(*arguments))  # type: ignore[arg-type]  # as given
        return found[-1]

    monkeypatch.setattr(session_table, "read_catalog", count)
    return found


async def test_search_runs_once(empty_sqlite_url: str, searches: list[Catalog]) -> None:
    layout = LAYOUTS["drizzle, sqlite"]
    await run(empty_sqlite_url, layout.write_ddl(), layout.write_rows(layout.future))
    table = SessionTable(empty_sqlite_url)
    await table.check()
    await asyncio.gather(*(table.find_user("token") for _ in range(20)))
    await asyncio.gather(*(table.is_alive("s1", "u1") for _ in range(20)))
    assert len(searches) == 1
    await table.close()


@pytest.mark.parametrize("gone", ["session", "user"])
async def test_search_for_tables_that_are_gone_is_not_repeated_at_once(
    empty_sqlite_url: str, searches: list[Catalog], gone: str
) -> None:
    layout = LAYOUTS["drizzle, sqlite"]
    await run(empty_sqlite_url, layout.write_ddl(), layout.write_rows(layout.future))
    table = SessionTable(empty_sqlite_url)
    await table.check()
    await run(empty_sqlite_url, f'ALTER TABLE "{gone}" RENAME TO away; DROP TABLE away')
    for _ in range(3):
        with pytest.raises(Unavailable):
            await table.find_user("token")
    assert len(searches) == 2
    await run(empty_sqlite_url, 'DROP TABLE IF EXISTS "session"; DROP TABLE IF EXISTS "user"')
    await run(empty_sqlite_url, 'DROP TABLE "account"', layout.write_ddl())
    await run(empty_sqlite_url, layout.write_rows(layout.future))
    table._refused_until = 0
    assert await table.find_user("token") is not None
    await table.close()


async def test_names_come_from_the_environment(empty_sqlite_url: str) -> None:
    layout = LAYOUTS["drizzle, sqlite"]
    other = layout._replace(tables=("auth_user", "auth_session", "auth_account"))
    await run(empty_sqlite_url, layout.write_ddl(), other.write_ddl())
    shared = {
        "BETTER_AUTH_BRIDGE_MODE": "bearer",
        "BETTER_AUTH_SECRET": "a-test-secret-of-more-than-32-bytes!",
        "DATABASE_URL": empty_sqlite_url,
    }
    with pytest.raises(SettingsError, match="BETTER_AUTH_USER_MODEL_NAME"):
        configure(Settings.from_env(shared))
    configure(Settings.from_env({**shared, "BETTER_AUTH_USER_MODEL_NAME": "auth_user"}))
