"""One-time values of mailed links, stored by identifier until they expire.

Source: `createVerificationValue`, `findVerificationValue`, `consumeVerificationValue` of Better
Auth 1.7.25. The identifiers are the original's, so links still work after a change of the server.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...bridge.encodings import encode_base64url
from ...models.clock import from_iso, to_iso
from ...models.column_types import is_before
from ...models.tables import Tables
from ...settings.options import VerificationOptions
from ...storage.database import Database
from ...storage.refused_values import has_nul

CLEANUP_INTERVAL: Final = timedelta(minutes=1)

Consumed = tuple[AsyncConnection, str | None]


class Verifications(Protocol):
    """Stores one-time values. Every method raises `StoreUnavailable`."""

    async def put(self, identifier: str, value: str, expires_at: datetime, now: datetime) -> None:
        """Stores a value. Earlier values of this identifier stay."""
        ...

    async def find(self, identifier: str, now: datetime) -> str | None:
        """Returns the latest value that has not expired. It stays valid."""
        ...

    def consume(self, identifier: str, now: datetime) -> AbstractAsyncContextManager[Consumed]:
        """A transaction that spends the value. Yields it, or None if it has expired.

        The identifier is deleted when the block ends, and only one of parallel callers gets the
        value. If the block raises or the commit fails, the value is still valid.
        """
        ...


class DatabaseVerifications:
    """`Verifications` in the table `verification`."""

    def __init__(self, database: Database, tables: Tables, options: VerificationOptions) -> None:
        self._database = database
        self._tables = tables
        self._options = options
        table = tables.verifications
        is_named = table.c.identifier == bindparam("identifier")
        self._add = insert(table)
        self._latest = (
            select(table.c.value, table.c.expiresAt)
            .where(is_named)
            .order_by(table.c.createdAt.desc())
            .limit(1)
        )
        self._taken = (
            delete(table)
            .where(is_named)
            .returning(table.c.value, table.c.expiresAt, table.c.createdAt)
        )
        is_expired = is_before(table.c.expiresAt, bindparam("now"), database.dialect)
        self._expired = delete(table).where(is_expired)
        self._cleaned_up: datetime | None = None

    async def put(self, identifier: str, value: str, expires_at: datetime, now: datetime) -> None:
        await self.add(identifier, value, expires_at, now)

    async def add(
        self, identifier: str, value: str, expires_at: datetime, now: datetime
    ) -> Mapping[str, str]:
        """Like `put`, and returns the row."""
        stored = get_stored_names(identifier, self._options)[0]
        row = {"id": self._tables.generate_id(), **make_row(stored, value, expires_at, now)}
        async with self._database.begin() as tx:
            await tx.execute(self._add, row)
        return row

    async def find(self, identifier: str, now: datetime) -> str | None:
        if has_nul(identifier):
            return None
        found = None
        for name in get_stored_names(identifier, self._options):
            rows = await self._database.read_all(self._latest, {"identifier": name})
            found = found or next(iter(rows), None)
        if self._needs_cleanup(now):
            await self._clean_up(now)
        return _get_unexpired(found, now)

    @asynccontextmanager
    async def consume(self, identifier: str, now: datetime) -> AsyncIterator[Consumed]:
        async with self._database.begin() as tx:
            yield tx, await self._take(tx, identifier, now)

    async def _take(self, tx: AsyncConnection, identifier: str, now: datetime) -> str | None:
        if has_nul(identifier):
            return None
        for name in get_stored_names(identifier, self._options):
            rows = (await tx.execute(self._taken, {"identifier": name})).all()
            if rows:
                latest = max(rows, key=lambda row: str(row[2]))
                return _get_unexpired(latest, now)
        return None

    def _needs_cleanup(self, now: datetime) -> bool:
        """Whether a cleanup is due, also after the clock was set back."""
        last = self._cleaned_up
        due = last is None or not timedelta(0) <= now - last < CLEANUP_INTERVAL
        return due and not self._options.disable_cleanup

    async def _clean_up(self, now: datetime) -> None:
        self._cleaned_up = now
        async with self._database.begin() as tx:
            await tx.execute(self._expired, {"now": to_iso(now)})


def make_row(stored: str, value: str, expires_at: datetime, now: datetime) -> dict[str, str]:
    """Returns the row of a new value without its id. `stored`: the first of `get_stored_names`."""
    return {
        "identifier": stored,
        "value": value,
        "expiresAt": to_iso(expires_at),
        "createdAt": to_iso(now),
        "updatedAt": to_iso(now),
    }


def get_stored_names(identifier: str, options: VerificationOptions) -> tuple[str, ...]:
    """Returns the stored form of an identifier, then the form before hashing was on."""
    if options.store_identifier == "plain":
        return (identifier,)
    digest = sha256(identifier.encode()).digest()
    return encode_base64url(digest), identifier


def _get_unexpired(row: Sequence[object] | None, now: datetime) -> str | None:
    if row is None or from_iso(str(row[1])) < now:
        return None
    return str(row[0])
