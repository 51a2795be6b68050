"""Strategy `jwt`: a JSON Web Token (RFC 7519), HS256 with the secret. Not encrypted.

Source: Better Auth 1.7.25 `crypto/jwt`, `signJWT`, `verifyJWT`.
"""

from datetime import datetime

from ...crypto.jws import Hs256
from .codec import CachedPayload
from .times import end_of, timed


class Signed:
    """See `Codec`. Accepts only the header that both servers write."""

    def __init__(self, secret: str) -> None:
        self._jws = Hs256(secret.encode())

    def seal(self, payload: bytes, max_age: int | None, now: datetime) -> str:
        """See `Codec`."""
        return self._jws.sign(timed(payload, max_age, now))

    def open(self, value: str, now: datetime) -> CachedPayload | None:
        """See `Codec`."""
        claims = self._jws.open(value)
        end = None if claims is None else end_of(claims, now)
        return None if claims is None or end is None else CachedPayload(claims, end * 1000)
