"""Strategy `jwt`: a JSON Web Token (RFC 7519), HS256 with the secret. Not encrypted.

Source: Better Auth 1.7.25 `crypto/jwt`, `signJWT`, `verifyJWT`.
"""

from datetime import datetime
from typing import Final

from msgspec import DecodeError, Struct, json

from ...crypto.jws import Hs256
from .codec import CachedPayload

# Seconds; what the original takes where the cookie itself has no Max-Age.
_FORGETFUL_AGE: Final = 300


class _Times(Struct, frozen=True):
    exp: int
    nbf: int = 0


class Signed:
    """See `Codec`. Accepts only the header that both servers write."""

    def __init__(self, secret: str) -> None:
        self._jws = Hs256(secret.encode())

    def seal(self, payload: bytes, max_age: int | None, now: datetime) -> str:
        """See `Codec`."""
        return self._jws.sign(add_times(payload, max_age, now))

    def open(self, value: str, now: datetime) -> CachedPayload | None:
        """See `Codec`."""
        claims = self._jws.open(value)
        end = None if claims is None else read_expiry(claims, now)
        return None if claims is None or end is None else CachedPayload(claims, end * 1000)


def add_times(payload: bytes, max_age: int | None, now: datetime) -> bytes:
    """Returns the JSON object with `iat` and `exp` (RFC 7519) at its end."""
    issued_at = int(now.timestamp())
    age = _FORGETFUL_AGE if max_age is None else max_age
    return b'%b,"iat":%d,"exp":%d}' % (payload[:-1], issued_at, issued_at + age)


def read_expiry(payload: bytes, now: datetime, *, tolerance: int = 0) -> int | None:
    """Returns `exp`, or None if the object is not valid at `now`. All in seconds."""
    try:
        times = json.decode(payload, type=_Times)
    except (DecodeError, UnicodeDecodeError):
        return None
    present = int(now.timestamp())
    holds = times.nbf - tolerance <= present < times.exp + tolerance
    return times.exp if holds else None
