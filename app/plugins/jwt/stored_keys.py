"""The rows of the table `jwks`: read, made and opened like Better Auth 1.7.25 does."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import msgspec
from jwt import PyJWK
from msgspec import Struct
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.crypto.encryption import Cipher, Undecipherable
from ...models.clock import from_iso, to_iso
from ...models.tables import Tables
from ...settings.settings import Settings
from ...storage.database import Database
from .jwk import Algorithm, KeyPair, load
from .options import JwksOptions

_LOCK: Final = 0x6A_77_6B_73  # "jwks"; of PostgreSQL's advisory locks


class StoredKey(Struct, frozen=True):
    """A row. `private_key` is encrypted unless an option says otherwise."""

    kid: str
    private_key: str
    created_at: str
    expires_at: str | None
    alg: str | None
    crv: str | None

    def is_active(self, now: datetime) -> bool:
        """Whether it may sign."""
        return self.expires_at is None or from_iso(self.expires_at) > now

    def has_key_of(self, other: "StoredKey") -> bool:
        """Whether both are the same key."""
        return (self.kid, self.private_key, self.alg) == (other.kid, other.private_key, other.alg)

    def __repr__(self) -> str:
        return f"StoredKey(kid={self.kid!r}, …)"  # never the private half


class StoredKeys:
    """Reads and adds rows, and opens their private keys. `alg` is that of new pairs."""

    def __init__(
        self,
        settings: Settings,
        options: JwksOptions,
        database: Database,
        tables: Tables,
        alg: Algorithm,
    ) -> None:
        self.alg: Final = alg
        self.options: Final = options
        self._cipher = Cipher(settings)
        self._database = database
        self._tables = tables
        keys = tables.jwks.c
        self._keys = select(
            keys.id, keys.privateKey, keys.createdAt, keys.expiresAt, keys.alg, keys.crv
        )
        self._key = self._keys.where(keys.id == bindparam("kid"))

    async def find(self, kid: str) -> StoredKey | None:
        """Returns the row with this id."""
        row = await self._database.read_one(self._key, {"kid": kid})
        return None if row is None else StoredKey(*row)

    async def read_all(self) -> Sequence[StoredKey]:
        """Returns all rows."""
        return [StoredKey(*row) for row in await self._database.read_all(self._keys)]

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[tuple[AsyncConnection, Sequence[StoredKey]]]:
        """A transaction in which no other process adds a row, and the rows that it found."""
        async with self._database.begin() as tx:
            if self._database.dialect == "postgresql":  # SQLite has one writer at a time
                await tx.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            yield tx, [StoredKey(*row) for row in await tx.execute(self._keys)]

    def find_newest(self, stored: Iterable[StoredKey], now: datetime) -> StoredKey | None:
        """Returns the key that signs: the newest one of the algorithm, else of any.

        Source: `resolveSigningKey` of Better Auth 1.7.25.
        """
        active = [key for key in stored if key.is_active(now)]
        own = [key for key in active if self.get_algorithm(key) == self.alg]
        return max(own or active, key=lambda key: key.created_at, default=None)

    def get_algorithm(self, stored: StoredKey) -> str:
        """Returns the algorithm of a row; old ones do not say it."""
        return stored.alg or self.alg

    async def add(self, tx: AsyncConnection, pair: KeyPair, now: datetime) -> StoredKey:
        """Inserts a pair like `createJwk`: encrypted, then as JSON text."""
        interval, private = self.options.rotation_interval, pair.private
        if not self.options.disable_private_key_encryption:
            private = msgspec.json.encode(self._cipher.encrypt(private)).decode()
        expires_at = to_iso(now + timedelta(seconds=interval)) if interval else None
        kid = self._tables.generate_id()
        key = StoredKey(kid, private, to_iso(now), expires_at, self.alg, pair.crv)
        await tx.execute(insert(self._tables.jwks), _list_values(key, pair.public))
        return key

    def open(self, stored: StoredKey) -> PyJWK:
        """Returns the private key. Raises `Undecipherable`, also for what is not a key."""
        try:
            key = load(self._decrypt(stored.private_key), self.get_algorithm(stored))
        except msgspec.DecodeError as fault:
            raise Undecipherable(str(fault)) from None
        if key is None:
            raise Undecipherable(f"it is not a private key for {self.get_algorithm(stored)}")
        return key

    def _decrypt(self, private_key: str) -> str:
        if self.options.disable_private_key_encryption:
            return private_key
        return self._cipher.decrypt(msgspec.json.decode(private_key, type=str))


def _list_values(key: StoredKey, public: str) -> dict[str, object]:
    return {
        "id": key.kid,
        "publicKey": public,
        "privateKey": key.private_key,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "alg": key.alg,
        "crv": key.crv,
    }
