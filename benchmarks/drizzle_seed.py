"""A database as Drizzle makes it from the schema of Better Auth's command line, with rows."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Final

import asyncpg

from tests.system.parity.database import Place

_TABLES: Final = """
create table "user" (id text primary key, name text not null, email text not null unique,
    email_verified {flag} not null, image text, created_at {time} not null,
    updated_at {time} not null);
create table "session" (id text primary key, expires_at {time} not null,
    token text not null unique, created_at {time} not null, updated_at {time} not null,
    ip_address text, user_agent text, user_id text not null references "user" (id));
create table "account" (id text primary key, account_id text not null,
    provider_id text not null, user_id text not null references "user" (id), access_token text,
    refresh_token text, id_token text, access_token_expires_at {time},
    refresh_token_expires_at {time}, scope text, password text, created_at {time} not null,
    updated_at {time} not null);
create table "verification" (id text primary key, identifier text not null, value text not null,
    expires_at {time} not null, created_at {time} not null, updated_at {time} not null)
"""
_ROWS: Final = """
insert into "user" select 'u' || n, 'User ' || n, 'user' || n || '@example.com', {no}, null,
    {now}, {now} from {numbers};
insert into "session" select 's' || n, {now}, 't' || n, {now}, {now}, '', 'curl', 'u' || n
    from {numbers};
insert into "account" select 'a' || n, 'u' || n, 'credential', 'u' || n, null, null, null, null,
    null, null, '{hash}', {now}, {now} from {numbers};
create index "session_userId_idx" on "session" (user_id);
create index "account_userId_idx" on "account" (user_id)
"""
_HASH: Final = f"{'0a' * 16}:{'0b' * 64}"
_MILLISECONDS: Final = "1795830451908"


def seed_application(place: Place, users: int) -> None:
    """Makes the tables, and so many users with a session and a password each."""
    if place.file:
        _seed_sqlite(place.file, users)
    else:
        asyncio.run(_seed_postgres(place.url, users))


async def forget_adoption(place: Place) -> None:
    """Removes what `migrate` added."""
    if place.file:
        with closing(sqlite3.connect(place.file)) as connection:
            for table in ("better_auth_migrations", "better_auth_origin", "jwks"):
                connection.execute(f"DROP TABLE {table}")
        return
    connection = await asyncpg.connect(place.url)
    await connection.execute("DROP SCHEMA better_auth_service CASCADE")
    await connection.close()


def _seed_sqlite(file: str, users: int) -> None:
    numbers = (
        f"(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT {users})"
        " SELECT n FROM c)"
    )
    words = {"now": _MILLISECONDS, "no": "0", "numbers": numbers, "hash": _HASH}
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY")
        connection.executescript(_TABLES.format(flag="integer", time="integer"))
        connection.executescript(f"BEGIN; {_ROWS.format(**words)}; COMMIT")


async def _seed_postgres(url: str, users: int) -> None:
    numbers = f"generate_series(1, {users}) AS n"
    words = {"now": "now()", "no": "false", "numbers": numbers, "hash": _HASH}
    connection = await asyncpg.connect(url)
    await connection.execute(_TABLES.format(flag="boolean", time="timestamp"))
    await connection.execute(_ROWS.format(**words))
    await connection.execute("ANALYZE")
    await connection.close()
