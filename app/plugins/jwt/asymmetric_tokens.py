"""Access tokens signed with a key pair, like those of Better Auth's `jwt` plugin."""

from datetime import datetime
from typing import Final

import jwt
import msgspec

from ...models.records import Session, User
from ...models.tables import Tables
from ...settings.settings import Settings
from ...storage.database import Database
from .access_tokens import Claims, choose_claims, make_audience
from .jwk import ALGORITHMS, Algorithm
from .options import JwtOptions
from .signing_keys import SigningKeys

_NO_TYPE: Final = ""


class KeyPairTokens:
    """See `KeyPairSigner`. Signs exactly what Better Auth 1.7.25 `getJwtToken` signs."""

    def __init__(
        self,
        settings: Settings,
        options: JwtOptions,
        database: Database,
        tables: Tables,
        alg: Algorithm,
    ) -> None:
        self._keys = SigningKeys(settings, options.jwks, database, tables, alg)
        self._options = options
        self._issuer = options.issuer or settings.origin
        self._audience = make_audience(options.audience or (settings.origin,))
        self._jws = jwt.PyJWS(algorithms=sorted(ALGORITHMS))

    async def issue(self, user: User, _session: Session, now: datetime) -> str:
        """See `AccessTokens`. Raises `SigningKeyUnreadable`."""
        issued_at = int(now.timestamp())
        claims: Claims = {
            "iat": issued_at,
            **choose_claims(user, self._options),
            "sub": user.id,
            "exp": issued_at + self._options.expiration_time,
            "iss": self._issuer,
            "aud": self._audience,
        }
        signing = await self._keys.get_current(now)
        # Not `jwt.encode`: it would write every character outside ASCII as an escape.
        payload, header = msgspec.json.encode(claims), {"kid": signing.kid, "typ": _NO_TYPE}
        return self._jws.encode(payload, signing.key, algorithm=signing.alg, headers=header)

    async def ensure(self, now: datetime) -> None:
        """See `KeyPairSigner`."""
        await self._keys.ensure(now)
