"""The private key that signs: created at the first use, once for all processes."""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from jwt import PyJWK
from msgspec import Struct
from sqlalchemy import bindparam, func, insert, select

from ...auth.crypto.encryption import Cipher, Undecipherable
from ...auth.errors import SigningKeyUnreadable
from ...models.clock import from_iso, to_iso
from ...models.clock import now as clock
from ...models.tables import Tables
from ...settings.settings import Settings
from ...storage.database import Database
from .jwk import Algorithm, KeyPair, generate, load
from .options import JwksOptions

RELIST_SECONDS: Final = 5.0  # after which a key that another process made is noticed
_LOCK: Final = 0x6A_77_6B_73  # "jwks"; of PostgreSQL's advisory locks
_log = logging.getLogger("app.jwt")


class SigningKey(Struct, frozen=True):
    """A private key in memory, and its key id."""

    kid: str
    alg: str
    key: PyJWK


class _Stored(Struct, frozen=True):
    kid: str
    private_key: str
    created_at: str
    expires_at: str | None
    alg: str | None

    def is_active(self, now: datetime) -> bool:
        return self.expires_at is None or from_iso(self.expires_at) > now

    def has_key_of(self, other: "_Stored") -> bool:
        """Whether both are the same key."""
        return (self.kid, self.private_key, self.alg) == (other.kid, other.private_key, other.alg)


class SigningKeys:
    """Chooses a key of the `jwks` table like `resolveSigningKey` of Better Auth 1.7.25."""

    def __init__(
        self,
        settings: Settings,
        options: JwksOptions,
        database: Database,
        tables: Tables,
        alg: Algorithm,
    ) -> None:
        self._options = options
        self._cipher = Cipher(settings)
        self._database = database
        self._tables = tables
        keys = tables.jwks.c
        self._keys = select(keys.id, keys.privateKey, keys.createdAt, keys.expiresAt, keys.alg)
        self._key = self._keys.where(keys.id == bindparam("kid"))
        self._alg = alg
        self._turn = asyncio.Lock()
        self._held: tuple[_Stored, SigningKey] | None = None
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
        row = await self._database.read_one(self._key, {"kid": stored.kid})
        if row is None:
            return None
        found = _Stored(*row)
        return key if found.is_active(now) and found.has_key_of(stored) else None

    async def _choose(self, now: datetime) -> SigningKey:
        started = time.monotonic()
        stored = self._find_newest(await self._read_stored(), now) or await self._get_or_create(now)
        if self._held is not None and stored.has_key_of(self._held[0]):
            key = self._held[1]
        else:
            key = await asyncio.to_thread(self._open, stored)
        self._held, self._listed = (stored, key), started
        return key

    async def _read_stored(self) -> Sequence[_Stored]:
        return [_Stored(*row) for row in await self._database.read_all(self._keys)]

    def _find_newest(self, stored: Sequence[_Stored], now: datetime) -> _Stored | None:
        active = [key for key in stored if key.is_active(now)]
        own = [key for key in active if (key.alg or self._alg) == self._alg]
        return max(own or active, key=lambda key: key.created_at, default=None)

    async def _get_or_create(self, now: datetime) -> _Stored:
        """Creates a key, or returns the one that another process created."""
        pair = await asyncio.to_thread(
            generate, self._alg, self._options.key_pair_config.modulus_length
        )
        async with self._database.begin() as tx:
            if self._database.dialect == "postgresql":  # SQLite has one writer at a time
                await tx.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            found = [_Stored(*row) for row in await tx.execute(self._keys)]
            if (newest := self._find_newest(found, now)) is not None:
                return newest
            key = self._make_row(pair)
            await tx.execute(insert(self._tables.jwks), _list_values(key, pair))
        return key

    def _make_row(self, pair: KeyPair) -> _Stored:
        """Returns the row like `createJwk` of Better Auth 1.7.25: encrypted, then as JSON text."""
        now, interval = clock(), self._options.rotation_interval
        private = pair.private
        if not self._options.disable_private_key_encryption:
            private = msgspec.json.encode(self._cipher.encrypt(private)).decode()
        expires_at = to_iso(now + timedelta(seconds=interval)) if interval else None
        return _Stored(self._tables.generate_id(), private, to_iso(now), expires_at, self._alg)

    def _open(self, stored: _Stored) -> SigningKey:
        alg = stored.alg or self._alg
        try:
            key = load(self._decrypt(stored.private_key), alg)
        except (Undecipherable, msgspec.DecodeError) as fault:
            raise self._make_refusal(stored.kid, str(fault)) from None
        if key is None:
            raise self._make_refusal(stored.kid, f"it is not a private key for {alg}")
        return SigningKey(stored.kid, alg, key)

    def _decrypt(self, private_key: str) -> str:
        if self._options.disable_private_key_encryption:
            return private_key
        return self._cipher.decrypt(msgspec.json.decode(private_key, type=str))

    def _make_refusal(self, kid: str, reason: str) -> SigningKeyUnreadable:
        if kid not in self._complained:
            self._complained.add(kid)
            _log.error(
                "no access token can be signed: the private key %s in the table jwks cannot be"
                " read, because %s. Set the secret that encrypted it (an old secret belongs into"
                " BETTER_AUTH_SECRETS), or delete the row; then a new key is created",
                kid,
                reason,
            )
        return SigningKeyUnreadable()


def _list_values(key: _Stored, pair: KeyPair) -> dict[str, object]:
    return {
        "id": key.kid,
        "publicKey": pair.public,
        "privateKey": key.private_key,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "alg": key.alg,
        "crv": pair.crv,
    }
