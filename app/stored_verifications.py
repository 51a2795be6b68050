"""Verification values in secondary storage, as Better Auth 1.7.7 keeps them there.

Under `verification:<identifier>` stands the row as JSON, which lives until it expires.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import DecodeError, Struct, json

from app.clock import from_iso
from app.options import Verification
from app.secondary_storage import SecondaryStorage
from app.verifications import DatabaseVerifications, new_row, stored_names

_ORDER = ("createdAt", "updatedAt", "value", "identifier", "expiresAt")
_MIRRORED_ORDER = ("identifier", "value", "expiresAt", "createdAt", "updatedAt", "id")


class _Kept(Struct, rename="camel", frozen=True):
    value: str
    expires_at: str


class StoredVerifications:
    """`Verifications` in secondary storage only; there is one value for each identifier."""

    def __init__(self, storage: SecondaryStorage, policy: Verification) -> None:
        self._storage = storage
        self._policy = policy

    async def put(self, identifier: str, value: str, expires_at: datetime, now: datetime) -> None:
        """Keep a value in place of the one that was put before."""
        row = new_row(stored_names(identifier, self._policy)[0], value, expires_at, now)
        await self.keep({name: row[name] for name in _ORDER}, expires_at - now)

    async def keep(self, row: Mapping[str, str], span: timedelta) -> None:
        """Keep a row as it is, for so long."""
        ttl = math.floor(span.total_seconds())
        if ttl > 0:
            await self._storage.set(_key(row["identifier"]), json.encode(row).decode(), ttl)

    async def find(self, identifier: str, now: datetime) -> str | None:
        for name in stored_names(identifier, self._policy):
            kept = _parse(await self._storage.get(_key(name)))
            if kept is not None:
                return _unexpired(kept, now)
        return None

    async def consume(self, identifier: str, now: datetime) -> str | None:
        for name in stored_names(identifier, self._policy):
            kept = _parse(await self._storage.get_and_delete(_key(name)))
            if kept is not None:
                await self.forget(identifier)
                return _unexpired(kept, now)
        return None

    async def forget(self, identifier: str) -> None:
        """Whatever is kept under the identifier is gone."""
        await self._storage.delete(*map(_key, stored_names(identifier, self._policy)))


class MirroredVerifications:
    """`Verifications` in both: `verification.storeInDatabase`; a row can be consumed once."""

    def __init__(self, kept: StoredVerifications, rows: DatabaseVerifications) -> None:
        self._kept = kept
        self._rows = rows

    async def put(self, identifier: str, value: str, expires_at: datetime, now: datetime) -> None:
        row = await self._rows.add(identifier, value, expires_at, now)
        await self._kept.keep({name: row[name] for name in _MIRRORED_ORDER}, expires_at - now)

    async def find(self, identifier: str, now: datetime) -> str | None:
        found = await self._kept.find(identifier, now)
        return await self._rows.find(identifier, now) if found is None else found

    async def consume(self, identifier: str, now: datetime) -> str | None:
        consumed = await self._rows.consume(identifier, now)
        await self._kept.forget(identifier)
        return consumed


def _key(identifier: str) -> str:
    return f"verification:{identifier}"


def _parse(text: str | None) -> _Kept | None:
    try:
        kept = json.decode(text or "null", type=_Kept)
        from_iso(kept.expires_at)
    except (DecodeError, ValueError):  # what nobody can read proves nothing
        return None
    return kept


def _unexpired(kept: _Kept, now: datetime) -> str | None:
    return None if from_iso(kept.expires_at) < now else kept.value
