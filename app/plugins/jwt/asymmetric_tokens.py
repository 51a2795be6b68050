"""Access tokens signed with a key pair, like those of Better Auth's `jwt` plugin."""

from datetime import datetime
from typing import Final

import jwt
import msgspec

from ...auth.hooks import Hooks, PendingToken
from ...models.records import Session, User
from ...models.telemetry.metrics import TOKENS_ISSUED
from ...settings.settings import Settings
from .access_tokens import Claims, choose_claims, make_audience
from .jwk import ALGORITHMS
from .options import JwtOptions
from .signing_keys import SigningKeys
from .token_hooks import choose_subject_claims

_NO_TYPE: Final = ""


class KeyPairTokens:
    """See `KeyPairSigner`. Signs exactly what Better Auth 1.7.25 `getJwtToken` signs."""

    def __init__(
        self, settings: Settings, options: JwtOptions, keys: SigningKeys, hooks: Hooks
    ) -> None:
        self._hooks = hooks
        self._keys = keys
        self._options = options
        self._issuer = options.issuer or settings.origin
        self._audience = make_audience(options.audience or (settings.origin,))
        self._jws = jwt.PyJWS(algorithms=sorted(ALGORITHMS))

    async def issue(self, user: User, session: Session, now: datetime) -> str:
        """See `AccessTokens`. Raises `SigningKeyUnreadable`."""
        issued_at = int(now.timestamp())
        pending = PendingToken(user, session, choose_claims(user, self._options))
        chosen = await choose_subject_claims(self._hooks, pending)
        claims: Claims = {
            "iat": issued_at,
            **chosen.claims,
            "sub": chosen.subject,
            "exp": issued_at + self._options.expiration_time,
            "iss": self._issuer,
            "aud": self._audience,
        }
        signing = await self._keys.get_current(now)
        # Not `jwt.encode`: it would write every character outside ASCII as an escape.
        payload, header = msgspec.json.encode(claims), {"kid": signing.kid, "typ": _NO_TYPE}
        token = self._jws.encode(payload, signing.key, algorithm=signing.alg, headers=header)
        TOKENS_ISSUED.count("key pair")
        return token

    async def ensure(self, now: datetime) -> None:
        """See `KeyPairSigner`."""
        await self._keys.ensure(now)
