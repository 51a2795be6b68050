"""Databases as the Node server leaves them: recorded tables and one user with a session."""

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg

from app.bridge.database_url import SqliteUrl, parse_database_url

_HERE = Path(__file__).parent
SCRYPT_HASH = f"{'0a' * 16}:{'0b' * 64}"
_TIME = "2026-11-21T01:47:31.893Z"
_ROWS = f"""
INSERT INTO "user" (id, name, email, "emailVerified", image, "createdAt", "updatedAt")
 VALUES ('ada', 'Ada', 'ada@example.com', {{no}}, NULL, '{_TIME}', '{_TIME}');
INSERT INTO session (id, "expiresAt", token, "createdAt", "updatedAt", "ipAddress", "userAgent",
 "userId") VALUES ('s1', '2026-11-28T01:47:31.908Z', 'token-1', '{_TIME}', '{_TIME}', '', 'curl',
 'ada');
INSERT INTO account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
 VALUES ('a1', 'ada', 'credential', 'ada', '{SCRYPT_HASH}', '{_TIME}', '{_TIME}');
"""


async def make_original(url: str, *changes: str, rows: bool = True) -> None:
    """Makes the original's tables and rows in an empty database, then runs `changes`."""
    sqlite = isinstance(parse_database_url(url), SqliteUrl)
    ddl = (_HERE / ("sqlite.sql" if sqlite else "postgresql.sql")).read_text()
    data = [_ROWS.format(no="0" if sqlite else "false")] if rows else []
    await execute(url, ddl, *data, *changes)


async def execute(url: str, *scripts: str) -> None:
    """Runs scripts as some other program would."""
    found = parse_database_url(url)
    if isinstance(found, SqliteUrl):
        with closing(sqlite3.connect(found.path, isolation_level=None)) as connection:
            for script in scripts:
                connection.executescript(script)
        return
    other = await asyncpg.connect(url)
    try:
        for script in scripts:
            await other.execute(script)
    finally:
        await other.close()
