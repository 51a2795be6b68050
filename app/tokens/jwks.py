"""The public keys that `/jwks` publishes: those of the `jwks` table, never a symmetric one."""

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import select

from app.clock import from_iso
from app.database import AnyRow, Database
from app.models import jwks

GRACE_PERIOD = timedelta(days=30)  # Better Auth 1.7.7 `jwks.gracePeriod`, after `expiresAt`
_DEFAULT_ALGORITHM = "EdDSA"

Jwk = dict[str, str]

_KEYS = select(jwks.c.id, jwks.c.publicKey, jwks.c.alg, jwks.c.crv, jwks.c.expiresAt)


class KeySet(Struct, frozen=True):
    """A JWK Set (RFC 7517 section 5)."""

    keys: list[Jwk]


class PublicKeys:
    """Reads the key set."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def published(self, now: datetime) -> KeySet:
        """All keys that a token in circulation may have been signed with."""
        rows = await self._database.read_all(_KEYS)
        return KeySet([_jwk(row) for row in rows if _is_published(row, now)])


def _is_published(row: AnyRow, now: datetime) -> bool:
    expires_at = row[4]
    return expires_at is None or from_iso(expires_at) + GRACE_PERIOD > now


def _jwk(row: AnyRow) -> Jwk:
    """Better Auth's order: alg, crv (of the row or the key), the key's other members, kid."""
    kid, public_key, alg, crv, _ = row
    members = msgspec.json.decode(public_key, type=Jwk)
    ordered = {"alg": alg or _DEFAULT_ALGORITHM, "crv": crv, **members, "kid": kid}
    return {name: value for name, value in ordered.items() if value is not None}
