"""One-time values of mailed links, stored by identifier until they expire.

Source: `createVerificationValue`, `findVerificationValue`, `consumeVerificationValue` of Better
Auth 1.7.25. The identifiers are the original's, so links still work after a change of the server.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import from_iso, to_iso
from ...models.tables import Tables
from ...settings.options import VerificationOptions
from ...storage.database import Database
from ...storage.refused_values import has_nul
from ..crypto.stored_codes import hash_key
from .attempt import Attempt

Consumed = tuple[AsyncConnection, str | None]


class Verifications(Protocol):
    """Stores one-time values. Every method raises `StoreUnavailable`."""

    async def put(self, identifier: str, value: str, expires_at: datetime, now: datetime) -> None:
        """Stores a value. Earlier values of this identifier stay."""
        ...

    async def find(self, identifier: str, now: datetime) -> str | None:
        """Returns the latest value that has not expired. It stays valid."""
        ...

    def consume(
        self, identifier: str, now: datetime, *others: str
    ) -> AbstractAsyncContextManager[Consumed]:
        """A transaction that spends the value. Yields it, or None if it has expired.

        The identifier is deleted when the block ends, and only one of parallel callers gets the
        value. If the block raises or the commit fails, the value is still valid. `others` are
        identifiers that are spent with it: None if one of them has no value.
        """
        ...

    def attempt(self, identifier: str, now: datetime) -> AbstractAsyncContextManager[Attempt]:
        """Like `consume`, for values that somebody guesses: the block may keep the value.

        Parallel callers get the value one after the other, each as the one before left it. Where
        secondary storage has the value, the others get none meanwhile.
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
        self._held = (
            select(table.c.id, table.c.value, table.c.expiresAt)
            .where(is_named)
            .order_by(table.c.createdAt.desc())
            .limit(1)
            .with_for_update()
        )
        self._table = table
        self._dropped = delete(table).where(is_named)

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
        return _get_unexpired(found, now)

    @asynccontextmanager
    async def consume(
        self, identifier: str, now: datetime, *others: str
    ) -> AsyncIterator[Consumed]:
        async with self._database.begin() as tx:
            taken = [await self._take(tx, each, now) for each in (identifier, *others)]
            yield tx, None if None in taken else taken[0]

    @asynccontextmanager
    async def attempt(self, identifier: str, now: datetime) -> AsyncIterator[Attempt]:
        async with self._database.begin() as tx:
            for name in () if has_nul(identifier) else get_stored_names(identifier, self._options):
                row = (await tx.execute(self._held, {"identifier": name})).first()
                if row is not None:
                    row_id, value, expires_at = row
                    is_expired = from_iso(str(expires_at)) < now
                    attempt = Attempt(tx, str(value), is_expired=is_expired)
                    yield attempt
                    await self._write_outcome(attempt, name, row_id, now)
                    return
            yield Attempt(tx)

    async def _write_outcome(
        self, attempt: Attempt, stored: str, row_id: object, now: datetime
    ) -> None:
        if attempt.kept is None:
            await attempt.tx.execute(self._dropped, {"identifier": stored})
            return
        values = {"value": attempt.kept, "updatedAt": to_iso(now)}
        if attempt.expires_at is not None:
            values["expiresAt"] = to_iso(attempt.expires_at)
        table = self._table
        await attempt.tx.execute(update(table).where(table.c.id == row_id).values(values))

    async def _take(self, tx: AsyncConnection, identifier: str, now: datetime) -> str | None:
        if has_nul(identifier):
            return None
        for name in get_stored_names(identifier, self._options):
            rows = (await tx.execute(self._taken, {"identifier": name})).all()
            if rows:
                latest = max(rows, key=lambda row: str(row[2]))
                return _get_unexpired(latest, now)
        return None


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
    return hash_key(identifier), identifier


def _get_unexpired(row: Sequence[object] | None, now: datetime) -> str | None:
    if row is None or from_iso(str(row[1])) < now:
        return None
    return str(row[0])
