"""The public keys of `/jwks`, from the `jwks` table. Never a symmetric key."""

from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, select

from ...models.clock import from_iso
from ...models.clock import now as clock
from ...models.tables import Tables
from ...storage.database import AnyRow, Database
from .access_tokens import KeyPairSigner
from .options import JwtOptions

_DEFAULT_ALGORITHM: Final = "EdDSA"

Jwk = dict[str, str]


class KeySet(Struct, frozen=True):
    """A JWK Set (RFC 7517 section 5)."""

    keys: list[Jwk]


class PublicKey(Struct, frozen=True):
    """A JWK (RFC 7517) as text, and its algorithm."""

    jwk: str
    alg: str


class PublicKeys:
    """Reads the key set. With `signing` it always has a key."""

    def __init__(
        self,
        options: JwtOptions,
        database: Database,
        tables: Tables,
        signing: KeyPairSigner | None,
    ) -> None:
        alg = options.alg
        self._grace = timedelta(seconds=options.jwks.grace_period)
        self._default = _DEFAULT_ALGORITHM if alg == "HS256" else alg
        self._database = database
        self._signing = signing
        keys = tables.jwks.c
        self._keys = select(keys.id, keys.publicKey, keys.alg, keys.crv, keys.expiresAt)
        self._key = self._keys.where(keys.id == bindparam("kid"))

    async def list_published(self, now: datetime) -> KeySet:
        """Returns all keys that may have signed a token that is still valid."""
        rows = await self._database.read_all(self._keys)
        if not rows and self._signing is not None:
            await self._signing.ensure(now)
            rows = await self._database.read_all(self._keys)
        return KeySet([self._make_jwk(row) for row in rows if self._is_published(row, now)])

    async def find(self, kid: str) -> PublicKey | None:
        """Returns the published key with this id."""
        row = await self._database.read_one(self._key, {"kid": kid})
        if row is None or not self._is_published(row, clock()):
            return None
        return PublicKey(row[1], row[2] or self._default)

    def _is_published(self, row: AnyRow, now: datetime) -> bool:
        expires_at = row[4]
        return expires_at is None or from_iso(expires_at) > now - self._grace

    def _make_jwk(self, row: AnyRow) -> Jwk:
        """Returns the JWK in Better Auth's order: alg, crv, the key's other members, kid."""
        kid, public_key, alg, crv, _ = row
        members = msgspec.json.decode(public_key, type=Jwk)
        ordered = {"alg": alg or self._default, "crv": crv, **members, "kid": kid}
        return {name: value for name, value in ordered.items() if value is not None}
