"""Strategy `jwt`: a JSON Web Token (RFC 7519), HS256 under the secret. Not encrypted.

Source: Better Auth 1.7.7 `crypto/jwt`, `signJWT`, `verifyJWT`.
"""

import hmac
from datetime import datetime
from typing import Final

from app.sessions.cache import base64url
from app.sessions.cache.codec import Opened
from app.sessions.cache.times import end_of, timed

_HEADER: Final = base64url.encode(b'{"alg":"HS256"}')


class Signed:
    """See `Codec`. Only the one header is read that either server writes."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def seal(self, payload: bytes, max_age: int | None, now: datetime) -> str:
        """See `Codec`."""
        signed = f"{_HEADER}.{base64url.encode(timed(payload, max_age, now))}"
        return f"{signed}.{self._signature(signed)}"

    def open(self, value: str, now: datetime) -> Opened | None:
        """See `Codec`."""
        signed, _, signature = value.rpartition(".")
        header, _, body = signed.partition(".")
        ours = self._signature(signed)
        if header != _HEADER or not hmac.compare_digest(ours.encode(), signature.encode()):
            return None
        claims = base64url.decode(body)  # can't fail: the text was signed
        end = end_of(claims, now)
        return None if end is None else Opened(claims, end * 1000)

    def _signature(self, signed: str) -> str:
        return base64url.encode(hmac.digest(self._key, signed.encode(), "sha256"))
