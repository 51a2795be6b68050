"""Verifications in secondary storage, stored like Better Auth 1.7.25.

The key is `verification:<identifier>`, the value the row as JSON. It lives until it expires.
"""

import logging
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

from msgspec import DecodeError, Struct, json

from ...models.clock import from_iso, to_iso
from ...models.clock import now as clock
from ...models.errors import StoreUnavailable
from ...settings.options import VerificationOptions
from ...storage.database import Database
from ...storage.secondary import SecondaryStorage
from .attempt import Attempt
from .database import Consumed, DatabaseVerifications, get_stored_names, make_row

_log: Final = logging.getLogger("better_auth.verifications")
_ORDER = ("createdAt", "updatedAt", "value", "identifier", "expiresAt")
_MIRRORED_ORDER = ("identifier", "value", "expiresAt", "createdAt", "updatedAt", "id")


class _Kept(Struct, rename="camel", frozen=True):
    value: str
    expires_at: str


class StoredVerifications:
    """`Verifications` only in secondary storage, with one value for each identifier.

    It takes no part in a transaction: a value is removed before it, so that no other caller gets
    it, and put back if the transaction fails.
    """

    def __init__(
        self, storage: SecondaryStorage, options: VerificationOptions, database: Database
    ) -> None:
        self._storage = storage
        self._options = options
        self._database = database

    async def put(self, identifier: str, value: str, expires_at: datetime, now: datetime) -> None:
        """Stores a value. It replaces the earlier one."""
        row = make_row(get_stored_names(identifier, self._options)[0], value, expires_at, now)
        await self.keep({name: row[name] for name in _ORDER}, expires_at - now)

    async def keep(self, row: Mapping[str, str], span: timedelta) -> None:
        """Stores a row for these seconds."""
        ttl = math.floor(span.total_seconds())
        if ttl > 0:
            await self._storage.set(_make_key(row["identifier"]), json.encode(row).decode(), ttl)

    async def find(self, identifier: str, now: datetime) -> str | None:
        for name in get_stored_names(identifier, self._options):
            kept = _parse(await self._storage.get(_make_key(name)))
            if kept is not None:
                return _get_unexpired(kept, now)
        return None

    @asynccontextmanager
    async def consume(
        self, identifier: str, now: datetime, *others: str
    ) -> AsyncIterator[Consumed]:
        async with AsyncExitStack() as taking:
            taken = [await self._take(taking, each, now) for each in (identifier, *others)]
            async with self._database.begin() as tx:
                yield tx, None if None in taken else taken[0]
        with suppress(StoreUnavailable):  # it is paid for; the rest expires
            for each, value in zip((identifier, *others), taken, strict=True):
                if value is not None:
                    await self.forget(each)

    async def _take(self, taking: AsyncExitStack, identifier: str, now: datetime) -> str | None:
        """Removes the value; it is put back if the block of `taking` raises."""
        for name in get_stored_names(identifier, self._options):
            text = await self._storage.get_and_delete(_make_key(name))
            kept = _parse(text)
            if text is not None and kept is not None:
                await taking.enter_async_context(
                    self._restore_on_failure(_make_key(name), text, kept)
                )
                return _get_unexpired(kept, now)
        return None

    @asynccontextmanager
    async def attempt(self, identifier: str, now: datetime) -> AsyncIterator[Attempt]:
        for name in get_stored_names(identifier, self._options):
            key = _make_key(name)
            text = await self._storage.get_and_delete(key)
            kept = _parse(text)
            if text is not None and kept is not None:
                async with (
                    self._restore_on_failure(key, text, kept),
                    self._database.begin() as tx,
                ):
                    is_expired = from_iso(kept.expires_at) < now
                    attempt = Attempt(tx, kept.value, is_expired=is_expired)
                    yield attempt
                if attempt.kept is not None:
                    await self._put_back(key, text, attempt, now)
                return
        async with self._database.begin() as tx:
            yield Attempt(tx)

    async def _put_back(self, key: str, text: str, attempt: Attempt, now: datetime) -> None:
        """Stores what an attempt keeps, unless there is a newer value."""
        row: dict[str, object] = {
            **json.decode(text),
            "value": attempt.kept,
            "updatedAt": to_iso(now),
        }
        if attempt.expires_at is not None:
            row["expiresAt"] = to_iso(attempt.expires_at)
        ttl = math.floor((from_iso(str(row["expiresAt"])) - clock()).total_seconds())
        if ttl > 0:
            await self._storage.swap(key, None, json.encode(row).decode(), ttl)

    @asynccontextmanager
    async def _restore_on_failure(self, key: str, text: str, kept: _Kept) -> AsyncIterator[None]:
        """Puts the value back if the block raises, unless there is a newer one."""
        try:
            yield
        except BaseException:
            ttl = math.floor((from_iso(kept.expires_at) - clock()).total_seconds())
            if ttl > 0:
                try:
                    await self._storage.swap(key, None, text, ttl)
                except StoreUnavailable:
                    _log.warning("a mailed link is lost: Redis failed before the link was used")
            raise

    async def forget(self, identifier: str) -> None:
        """Deletes the value of the identifier."""
        await self._storage.delete(*map(_make_key, get_stored_names(identifier, self._options)))


class MirroredVerifications:
    """`Verifications` in both (`verification.storeInDatabase`). A row can be used once."""

    def __init__(self, kept: StoredVerifications, rows: DatabaseVerifications) -> None:
        self._kept = kept
        self._rows = rows

    async def put(self, identifier: str, value: str, expires_at: datetime, now: datetime) -> None:
        row = await self._rows.add(identifier, value, expires_at, now)
        await self._kept.keep({name: row[name] for name in _MIRRORED_ORDER}, expires_at - now)

    async def find(self, identifier: str, now: datetime) -> str | None:
        found = await self._kept.find(identifier, now)
        return await self._rows.find(identifier, now) if found is None else found

    @asynccontextmanager
    async def consume(
        self, identifier: str, now: datetime, *others: str
    ) -> AsyncIterator[Consumed]:
        async with self._rows.consume(identifier, now, *others) as spending:
            yield spending
        with suppress(StoreUnavailable):  # the row has gone, and it decides
            for each in (identifier, *others):
                await self._kept.forget(each)

    @asynccontextmanager
    async def attempt(self, identifier: str, now: datetime) -> AsyncIterator[Attempt]:
        async with self._rows.attempt(identifier, now) as attempt:
            yield attempt
        with suppress(StoreUnavailable):  # the row decides, and is found without it
            await self._kept.forget(identifier)


def _make_key(identifier: str) -> str:
    return f"verification:{identifier}"


def _parse(text: str | None) -> _Kept | None:
    try:
        kept = json.decode(text or "null", type=_Kept)
        from_iso(kept.expires_at)
    except (DecodeError, ValueError):  # what nobody can read proves nothing
        return None
    return kept


def _get_unexpired(kept: _Kept, now: datetime) -> str | None:
    return None if from_iso(kept.expires_at) < now else kept.value
