"""The private key that signs: created at the first use, once for all processes."""

import asyncio
import logging
import time
from datetime import datetime
from typing import Final

from jwt import PyJWK
from msgspec import Struct

from ...auth.audit.audit import Audit
from ...auth.audit.events import Detail, Event
from ...auth.crypto.encryption import Undecipherable
from ...auth.errors import SigningKeyUnreadable
from ...models.clock import now as clock
from ...models.program_name import COMMAND
from .jwk import generate
from .stored_keys import StoredKey, StoredKeys

RELIST_SECONDS: Final = 5.0  # after which a key that another process made is noticed
_log = logging.getLogger("better_auth.jwt")


class SigningKey(Struct, frozen=True):
    """A private key in memory, and its key id."""

    kid: str
    alg: str
    key: PyJWK


class SigningKeys:
    """Chooses a key of the `jwks` table like `resolveSigningKey` of Better Auth 1.7.25."""

    def __init__(self, stored: StoredKeys, audit: Audit) -> None:
        self._stored = stored
        self._audit = audit
        self._turn = asyncio.Lock()
        self._held: tuple[StoredKey, SigningKey] | None = None
        self._listed = 0.0
        self._complained: set[str] = set()

    async def get_current(self, now: datetime) -> SigningKey:
        """Returns the newest valid key of the configured algorithm, else of any, else a new one.

        Raises `SigningKeyUnreadable`.
        """
        if (chosen := await self._find_held(now)) is not None:
            return chosen
        async with self._turn:  # who waited here finds what the first one chose
            return await self._find_held(now) or await self._choose(now)

    async def ensure(self, now: datetime) -> None:
        """Creates a key, unless there is a valid one."""
        async with self._turn:
            await self._get_or_create(now)

    async def _find_held(self, now: datetime) -> SigningKey | None:
        """Returns the key in memory, unless its row is deleted, changed or expired."""
        if self._held is None or time.monotonic() - self._listed > RELIST_SECONDS:
            return None
        stored, key = self._held
        found = await self._stored.find(stored.kid)
        if found is None:
            return None
        return key if found.is_active(now) and found.has_key_of(stored) else None

    async def _choose(self, now: datetime) -> SigningKey:
        started = time.monotonic()
        rows = await self._stored.read_all()
        stored = self._stored.find_newest(rows, now) or await self._get_or_create(now)
        if self._held is not None and stored.has_key_of(self._held[0]):
            key = self._held[1]
        else:
            key = await asyncio.to_thread(self._open, stored)
        self._held, self._listed = (stored, key), started
        return key

    async def _get_or_create(self, now: datetime) -> StoredKey:
        """Creates a key, or returns the one that another process created."""
        bits = self._stored.options.key_pair_config.modulus_length
        pair = await asyncio.to_thread(generate, self._stored.alg, bits)
        async with self._stored.lock() as (tx, found):
            if (newest := self._stored.find_newest(found, now)) is not None:
                return newest
            key = await self._stored.add(tx, pair, clock())
            details: dict[str, Detail] = {"key": key.kid, "algorithm": self._stored.alg}
            await self._audit.add(tx, Event("key_rotated", details=details, is_automatic=True))
            return key

    def _open(self, stored: StoredKey) -> SigningKey:
        try:
            key = self._stored.open(stored)
        except Undecipherable as fault:
            raise self._make_refusal(stored.kid, str(fault)) from None
        return SigningKey(stored.kid, self._stored.get_algorithm(stored), key)

    def _make_refusal(self, kid: str, reason: str) -> SigningKeyUnreadable:
        if kid not in self._complained:
            self._complained.add(kid)
            _log.error(
                "no access token can be signed: the private key %s in the table jwks cannot be"
                " read, because %s. Set the secret that encrypted it (an old secret belongs into"
                f" BETTER_AUTH_SECRETS), or make a new pair: `{COMMAND} keys rotate`",
                kid,
                reason,
            )
        return SigningKeyUnreadable()
