"""The columns of usernames: those that a Node server made are taken, if they are unique."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app.plugins.username.options import UsernameOptions
from app.plugins.username.plugin import PLUGIN
from app.schema.migrate import migrate
from app.schema.state import SchemaError
from app.storage.database import open_database
from tests.support.plugins import plugged, required_by

pytestmark = pytest.mark.anyio

ON = required_by(PLUGIN, UsernameOptions())


async def execute(url: str, *statements: str) -> None:
    database = await open_database(url)
    async with database.begin() as tx:
        for statement in statements:
            await tx.execute(text(statement))
    await database.close()


async def test_column_of_others_must_be_unique(empty_database_url: str) -> None:
    await migrate(empty_database_url, required_by(PLUGIN, None))
    await execute(empty_database_url, 'ALTER TABLE "user" ADD COLUMN username text')
    with pytest.raises(SchemaError, match='"username" of "user" is not unique: add a unique index'):
        await migrate(empty_database_url, ON)
    await execute(empty_database_url, 'CREATE UNIQUE INDEX by_name ON "user" (username)')
    report = await migrate(empty_database_url, ON)
    assert any("displayUsername" in line for line in report.lines)
    async with plugged(empty_database_url, PLUGIN, UsernameOptions()) as service:
        assert (await service.sign_up(username="ada_1")).status == 200


async def test_columns_in_snake_case_are_taken(empty_sqlite_url: str) -> None:
    Path(empty_sqlite_url.removeprefix("sqlite:///")).touch()
    await execute(
        empty_sqlite_url,
        'create table "user" (id text primary key, name text not null, email text not null unique,'
        " email_verified integer not null, image text, created_at text not null,"
        " updated_at text not null, username text unique, display_username text)",
        "create table session (id text primary key, expires_at text not null,"
        " token text not null unique, created_at text not null, updated_at text not null,"
        ' ip_address text, user_agent text, user_id text not null references "user" (id))',
        "create table account (id text primary key, account_id text not null,"
        ' provider_id text not null, user_id text not null references "user" (id),'
        " access_token text, refresh_token text, id_token text, access_token_expires_at text,"
        " refresh_token_expires_at text, scope text, password text, created_at text not null,"
        " updated_at text not null)",
        "create table verification (id text primary key, identifier text not null,"
        " value text not null, expires_at text not null, created_at text, updated_at text)",
    )
    async with plugged(empty_sqlite_url, PLUGIN, UsernameOptions()) as service:
        await service.sign_up(username="Ada_1")
        rows = await service.database.read_all(
            text('SELECT username, display_username FROM "user"')
        )
        assert [tuple(row) for row in rows] == [("ada_1", "Ada_1")]
        body = {"username": "ada_1", "password": "correct horse"}
        assert (await service.post("/sign-in/username", body)).status == 200
