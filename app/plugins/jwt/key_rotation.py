"""Key pairs as the command line shows and replaces them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import structs
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.audit.audit import Audit
from ...auth.audit.events import Detail, Event
from ...auth.crypto.encryption import Undecipherable
from ...auth.crypto.key_pairs import PairState, Rotation
from ...models.clock import from_iso, to_iso
from ...models.tables import Tables
from .jwk import generate
from .stored_keys import StoredKey, StoredKeys

_STEP: Final = timedelta(milliseconds=1)  # what stored times can tell apart


class KeyRotation:
    """See `KeyPairs`."""

    def __init__(
        self, stored: StoredKeys, tables: Tables, audit: Audit, *, has_shared_secret: bool
    ) -> None:
        self._stored = stored
        self._audit = audit
        self._table = tables.jwks
        self._grace = timedelta(seconds=stored.options.grace_period)
        self._has_shared_secret = has_shared_secret

    @property
    def has_shared_secret(self) -> bool:
        return self._has_shared_secret

    async def list_pairs(self, now: datetime) -> Sequence[PairState]:
        """See `KeyPairs`."""
        return self._describe_all(await self._stored.read_all(), now)

    async def rotate(self, now: datetime, *, revoke: bool) -> Rotation:
        """See `KeyPairs`.

        Every process reads the row of its key before it signs, so an expired row makes it choose.
        """
        bits = self._stored.options.key_pair_config.modulus_length
        pair = await asyncio.to_thread(generate, self._stored.alg, bits)
        async with self._stored.lock() as (tx, found):
            # Later than any other, also where another machine's clock is ahead of this one.
            newest = max((from_iso(key.created_at) + _STEP for key in found), default=now)
            new = await self._stored.add(tx, pair, max(now, newest))
            others = found if revoke else self._list_replaced(found, now)
            await self._end_all(tx, others, now, revoke=revoke)
            details: dict[str, Detail] = {
                "key": new.kid,
                "algorithm": self._stored.alg,
                "replaced": [key.kid for key in others],
                "revoked": revoke,
            }
            await self._audit.add(tx, Event("key_rotated", details=details))
        state = self._describe(new, now, signing=new)
        if revoke:
            return Rotation(state, [], [key.kid for key in others])
        retired = (structs.replace(key, expires_at=to_iso(now)) for key in others)
        return Rotation(state, [self._describe(key, now, signing=new) for key in retired], [])

    async def remove_old(self, now: datetime, *, dry_run: bool) -> Sequence[PairState]:
        """See `KeyPairs`."""
        async with self._stored.lock() as (tx, found):
            over = [key for key in found if self._is_over(key, now)]
            if over and not dry_run:
                await self._delete(tx, over)
                pruned: dict[str, Detail] = {"keys": [key.kid for key in over]}
                await self._audit.add(tx, Event("keys_pruned", details=pruned))
        return self._describe_all(over, now)

    def _list_replaced(self, found: Sequence[StoredKey], now: datetime) -> list[StoredKey]:
        """Returns the active pairs of the algorithm, and the one that signs until now.

        A Node server may sign for other audiences with pairs of other algorithms.
        """
        signing = self._stored.find_newest(found, now)
        return [
            key
            for key in found
            if key.is_active(now)
            and (key is signing or self._stored.get_algorithm(key) == self._stored.alg)
        ]

    async def _end_all(
        self, tx: AsyncConnection, keys: Sequence[StoredKey], now: datetime, *, revoke: bool
    ) -> None:
        if not keys:
            return
        if revoke:
            await self._delete(tx, keys)
            return
        chosen = self._table.c.id.in_([key.kid for key in keys])
        await tx.execute(update(self._table).where(chosen).values(expiresAt=to_iso(now)))

    async def _delete(self, tx: AsyncConnection, keys: Sequence[StoredKey]) -> None:
        chosen = self._table.c.id.in_([key.kid for key in keys])
        await tx.execute(delete(self._table).where(chosen))

    def _is_over(self, key: StoredKey, now: datetime) -> bool:
        return key.expires_at is not None and from_iso(key.expires_at) <= now - self._grace

    def _describe_all(self, keys: Sequence[StoredKey], now: datetime) -> list[PairState]:
        signing = None if self._has_shared_secret else self._stored.find_newest(keys, now)
        newest_first = sorted(keys, key=_get_times, reverse=True)
        return [self._describe(key, now, signing=signing) for key in newest_first]

    def _describe(self, key: StoredKey, now: datetime, *, signing: StoredKey | None) -> PairState:
        expires = key.expires_at
        return PairState(
            id=key.kid,
            alg=self._stored.get_algorithm(key),
            crv=key.crv,
            created_at=key.created_at,
            expires_at=expires,
            valid_until=None if expires is None else to_iso(from_iso(expires) + self._grace),
            signs=signing is not None and key.kid == signing.kid and key.is_active(now),
            opens=self._can_open(key),
        )

    def _can_open(self, key: StoredKey) -> bool:
        try:
            self._stored.open(key)
        except Undecipherable:
            return False
        return True


def _get_times(key: StoredKey) -> tuple[str, bool]:
    """Returns what keys are sorted by. A column of seconds may have the same time twice."""
    return key.created_at, key.expires_at is None
