"""Users and sessions by the thousand, written by SQL into tables that a server has made."""

import asyncio
import hashlib
import hmac
import random
import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from itertools import islice
from typing import Final
from urllib.parse import quote

import asyncpg
import msgspec
from redis import Redis

from app.models import clock
from benchmarks.contestants import SECRET
from tests.system.parity.database import Place

_Row = tuple[str, ...]
_USER: Final = ("id", "name", "email", "emailVerified", "createdAt", "updatedAt")
_SESSION: Final = ("id", "expiresAt", "token", "createdAt", "updatedAt", "userId")
_LIFETIME: Final = timedelta(days=7)
_LINES: Final = 1_000
# What a row leaves out, or says in another way.
_UNKNOWN_CLIENT: Final = {"ipAddress": None, "userAgent": None}
_UNVERIFIED: Final = {"emailVerified": False, "image": None}
_PREFIX: Final = "better-auth:"  # the default of REDIS_KEY_PREFIX
_CACHE: Final = "PRAGMA cache_size=-1000000"  # random keys go everywhere in the indexes


def token(number: int) -> str:
    """Of the session with this number; 32 characters, in no order, as real ones are."""
    return hashlib.sha256(f"session {number}".encode()).hexdigest()[:32]


def email(number: int) -> str:
    return f"user{number}@example.com"


def cookie(number: int) -> str:
    """What a browser sends; signed as Better Auth 1.7.25 `setSignedCookie` does."""
    value = token(number)
    signature = b64encode(hmac.digest(SECRET.encode(), value.encode(), "sha256")).decode()
    return f"better-auth.session_token={quote(f'{value}.{signature}', safe='')}"


def some_cookies(users: int, most: int) -> list[str]:
    """Of randomly chosen users, others each time, in random order."""
    return [cookie(number) for number in random.sample(range(users), min(users, most))]


def add_users(place: Place, numbers: range) -> None:
    """Users with these numbers, and a fresh session for each."""
    add = _add_on_sqlite if place.file else _add_on_postgres
    add(place, numbers)


def add_sessions(place: Place, numbers: range, user: int) -> None:
    """More sessions for one of the users."""
    owner = _user_id(user)
    rows = ((*row[:-1], owner) for row in _sessions(numbers))
    if place.file:
        with closing(sqlite3.connect(place.file, timeout=30)) as connection, connection:
            connection.executemany(_insert("session", _SESSION), rows)
    else:
        asyncio.run(_copy(place, "session", _SESSION, rows))


def add_to_redis(url: str, numbers: range) -> None:
    """The sessions of these users again, as secondary storage has them."""
    with Redis.from_url(url) as redis, redis.pipeline() as pipeline:
        for n, session, user in zip(numbers, _sessions(numbers), _users(numbers), strict=True):
            stored = {
                "session": dict(zip(_SESSION, session, strict=True)) | _UNKNOWN_CLIENT,
                "user": dict(zip(_USER, user, strict=True)) | _UNVERIFIED,
            }
            pipeline.set(f"{_PREFIX}{token(n)}", msgspec.json.encode(stored), ex=_LIFETIME)
        pipeline.execute()


def _add_on_sqlite(place: Place, numbers: range) -> None:
    with closing(sqlite3.connect(place.file, timeout=30)) as connection:
        connection.execute(_CACHE)
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        with connection:  # in one transaction every page is written once
            connection.executemany(_insert("user", _USER), _users(numbers))
            connection.executemany(_insert("session", _SESSION), _sessions(numbers))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _add_on_postgres(place: Place, numbers: range) -> None:
    asyncio.run(_copy(place, "user", _USER, _users(numbers)))
    asyncio.run(_copy(place, "session", _SESSION, _sessions(numbers)))
    asyncio.run(_settle(place))


async def _copy(place: Place, table: str, columns: Sequence[str], rows: Iterator[_Row]) -> None:
    """As text, so that it fits each server's own types."""

    async def lines() -> AsyncIterator[bytes]:
        while batch := list(islice(rows, _LINES)):
            yield "".join(f"{','.join(row)}\n" for row in batch).encode()

    connection = await asyncpg.connect(place.url)
    await connection.copy_to_table(table, source=lines(), columns=columns, format="csv")
    await connection.close()


async def _settle(place: Place) -> None:
    """What autovacuum would do in a while, and would do in the middle of a measurement."""
    connection = await asyncpg.connect(place.url)
    await connection.execute('VACUUM ANALYZE "user"')
    await connection.execute("VACUUM ANALYZE session")
    await connection.execute("CHECKPOINT")
    await connection.close()


def _users(numbers: range) -> Iterator[_Row]:
    now = clock.to_iso(clock.now())
    for n in numbers:
        yield _user_id(n), f"User {n}", email(n), "0", now, now


def _sessions(numbers: range) -> Iterator[_Row]:
    now, end = clock.to_iso(clock.now()), clock.to_iso(clock.now() + _LIFETIME)
    for n in numbers:
        yield f"s{token(n)[1:]}", end, token(n), now, now, _user_id(n)


def _user_id(number: int) -> str:
    return hashlib.sha256(f"user {number}".encode()).hexdigest()[:32]


def _insert(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(columns))})'
