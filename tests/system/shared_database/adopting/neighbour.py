"""A database that a Node server has lived in for years, with other programs beside it.

The tables are what the running original made, with the plugins that ban and that ask for a second
factor; the rows are written by SQL, under passwords that the original hashed.
"""

import asyncio
import json
import sqlite3
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache

import asyncpg

from tests.system.parity import versions
from tests.system.parity.database import Place

COUNT = 10_000
FOREIGN = ("alembic_version", "tasks", "invoice", "paying")  # what _OTHERS makes
HASHES = 6  # real scrypt takes a tenth of a second each
_MOMENT = datetime(2024, 2, 29, 23, 59, 59, 7000, tzinfo=UTC)
_USER = '"user" (id, name, email, "emailVerified", image, "createdAt", "updatedAt", role, banned,'
_USER += ' "banReason", "twoFactorEnabled")'
_ACCOUNT = 'account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")'
_OTHERS = """
CREATE TABLE alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY);
INSERT INTO alembic_version VALUES ('4f1c2d3e5a6b');
CREATE TABLE tasks (id integer PRIMARY KEY, name text NOT NULL, owner text REFERENCES "user" (id));
INSERT INTO tasks VALUES (1, 'ship it', NULL), (2, 'rest', NULL);
CREATE TABLE invoice (number text PRIMARY KEY, "userId" text NOT NULL REFERENCES "user" (id));
CREATE INDEX invoice_of ON invoice ("userId");
INSERT INTO invoice SELECT 'I-' || id, id FROM "user" WHERE banned;
CREATE VIEW paying AS SELECT email FROM "user" u JOIN invoice i ON i."userId" = u.id;
ALTER TABLE "user" ADD COLUMN plan text NOT NULL DEFAULT 'free';
"""


def email_of(person: int) -> str:
    return f"person{person}@example.com"


def password_of(person: int) -> str:
    return _password(person % HASHES)


def is_banned(person: int) -> bool:
    return person % 100 == 7


def is_guarded(person: int) -> bool:
    """By a second factor."""
    return person % 50 == 3


def some_people(count: int) -> list[int]:
    """Whom nothing restricts, from all over the table, with all of the passwords."""
    free = (n for n in range(11, COUNT, 691) if not is_banned(n) and not is_guarded(n))
    return [n for n, _ in zip(free, range(count), strict=False)]


async def fill(place: Place) -> None:
    """Puts everybody, and what is no business of ours, beside the tables that are there."""
    moment = place.moment(_MOMENT)
    await _insert(place, _USER, [_user(n, moment) for n in range(COUNT)])
    await _insert(place, _ACCOUNT, [_account(n, moment) for n in range(COUNT)])
    for statement in _OTHERS.strip().split(";\n"):
        await place.run(statement.rstrip(";"))


def _password(number: int) -> str:
    return f"pässwort № {number} ﬁn 日本 😀"


@cache
def _hashes() -> Sequence[str]:
    command = versions.command("hashes.mjs")
    asked = json.dumps([_password(number) for number in range(HASHES)])
    done = subprocess.run(
        command, input=asked, capture_output=True, text=True, check=True, timeout=120
    )
    made: list[str] = json.loads(done.stdout)
    return made


def _id(person: int) -> str:
    return f"person{person:026d}"


def _user(n: int, moment: object) -> tuple[object, ...]:
    reason = "spam" if is_banned(n) else None
    role = "admin" if n == 0 else "user"
    marks = (role, is_banned(n), reason, is_guarded(n))
    return (_id(n), f"Person {n}", email_of(n), n % 2 == 0, None, moment, moment, *marks)


def _account(n: int, moment: object) -> tuple[object, ...]:
    made = _hashes()[n % HASHES]
    return (f"account{n:025d}", _id(n), "credential", _id(n), made, moment, moment)


async def _insert(place: Place, into: str, rows: Iterable[tuple[object, ...]]) -> None:
    width = into.count(",") + 1
    if place.file:
        marks = ", ".join("?" * width)
        await asyncio.to_thread(
            _on_sqlite, place.file, f"INSERT INTO {into} VALUES ({marks})", rows
        )
        return
    marks = ", ".join(f"${n}" for n in range(1, width + 1))
    connection = await asyncpg.connect(place.url)
    try:
        await connection.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)
    finally:
        await connection.close()


def _on_sqlite(file: str, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
    with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        connection.executemany(statement, rows)
