"""`iat` and `exp` of a JSON Web Token of the cookie cache."""

from datetime import datetime
from typing import Final

from msgspec import DecodeError, Struct, json

# Seconds; what the original takes where the cookie itself has no Max-Age.
_FORGETFUL_AGE: Final = 300


class _Times(Struct, frozen=True):
    exp: int
    nbf: int = 0


def timed(payload: bytes, max_age: int | None, now: datetime) -> bytes:
    """Returns the JSON object with `iat` and `exp` (RFC 7519) at its end."""
    issued_at = int(now.timestamp())
    age = _FORGETFUL_AGE if max_age is None else max_age
    return b'%b,"iat":%d,"exp":%d}' % (payload[:-1], issued_at, issued_at + age)


def end_of(payload: bytes, now: datetime, *, tolerance: int = 0) -> int | None:
    """Returns `exp`, or None if the object is not valid at `now`. All in seconds."""
    try:
        times = json.decode(payload, type=_Times)
    except (DecodeError, UnicodeDecodeError):
        return None
    present = int(now.timestamp())
    holds = times.nbf - tolerance <= present < times.exp + tolerance
    return times.exp if holds else None
