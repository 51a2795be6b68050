"""Additional fields of an adopted table are stored in the form that their columns have."""

from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text

from app.models.additional_fields import read_fields
from app.schema.migrate import migrate
from app.schema.requirements import derive_requirements
from app.settings.options import UserOptions
from app.settings.settings import Settings
from app.storage.database import open_database
from tests.support.service import SECRET, bearer, serving

pytestmark = pytest.mark.anyio

# As Drizzle writes it, with three columns of the application's own.
_TABLES: Final = """
create table "user" (id {id} primary key, name text not null, email text not null unique,
    email_verified {flag} not null, image text, created_at {time} not null,
    updated_at {time} not null, since {time}, team_id {id}, user_role text);
create table session (id {id} primary key, expires_at {time} not null, token text not null unique,
    created_at {time} not null, updated_at {time} not null, ip_address text, user_agent text,
    user_id {id} not null references "user" (id) on delete cascade);
create table account (id {id} primary key, account_id text not null, provider_id text not null,
    user_id {id} not null references "user" (id) on delete cascade, access_token text,
    refresh_token text, id_token text, access_token_expires_at {time},
    refresh_token_expires_at {time}, scope text, password text, created_at {time} not null,
    updated_at {time} not null);
create table verification (id {id} primary key, identifier text not null, value text not null,
    expires_at {time} not null, created_at {time}, updated_at {time})
"""
_FIELDS: Final = UserOptions(
    additional_fields=read_fields(
        """{"role": {"type": "string", "required": false, "fieldName": "user_role"},
        "since": {"type": "date", "required": false},
        "teamId": {"type": "string", "required": false}}"""
    )
)
_SINCE: Final = "2026-01-02T03:04:05.000Z"
_TEAM: Final = "0b8fd2cf-7a3c-4c3f-9a64-0123456789ab"


async def adopt(url: str, first: str, **words: str) -> None:
    database = await open_database(url)
    async with database.begin() as tx:
        for statement in _TABLES.format(**words).split(";"):
            await tx.exec_driver_sql(statement)
        await tx.exec_driver_sql(first)
    await database.close()
    await migrate(url, derive_requirements(Settings(secret=SECRET, user=_FIELDS)))


async def check_fields(url: str) -> tuple[Any, ...]:
    """The fields come back as they were sent. Returns how `since` and the id are stored."""
    async with serving(url, user=_FIELDS) as service:
        sent = {"role": "owner", "since": _SINCE, "teamId": _TEAM}
        made = (await service.sign_up(**sent)).json()
        user = (await service.get("/get-session", bearer(made["token"]))).json()["user"]
        assert user == made["user"]
        assert sent.items() <= user.items()
        body = {"teamId": "no UUID", "role": None}
        change = await service.post("/update-user", body, bearer(made["token"]))
        assert change.status in (200, 422)
        stored = text("SELECT since, team_id, id FROM \"user\" WHERE email = 'ada@example.com'")
        return tuple((await service.database.read_all(stored))[0])


async def test_time_without_a_zone_and_uuid_on_postgres(empty_postgres_url: str) -> None:
    shift = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''',"
    shift += " current_database()); END $$"
    await adopt(empty_postgres_url, shift, id="uuid", time="timestamp", flag="boolean")
    since, team, _ = await check_fields(empty_postgres_url)
    assert (since.isoformat(), str(team)) == ("2026-01-02T03:04:05", _TEAM)


async def test_integer_time_on_sqlite(empty_sqlite_url: str) -> None:
    Path(empty_sqlite_url.removeprefix("sqlite:///")).touch()
    row = "'x', 'X', 'x@example.com', 0, null, 1795221845831, 1795221845831, null, null, null"
    first = f'INSERT INTO "user" VALUES ({row})'
    await adopt(empty_sqlite_url, first, id="text", time="integer", flag="integer")
    since, *_ = await check_fields(empty_sqlite_url)
    assert since == 1767323045000
