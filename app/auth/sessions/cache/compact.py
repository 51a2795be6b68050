"""Strategy `compact`: base64url of the JSON, signed by HMAC-SHA256. Not encrypted.

Source: Better Auth 1.7.25 `setCookieCache`, `decodeCookieCache`.
"""

import hmac
from datetime import datetime
from typing import Final

from msgspec import DecodeError, Raw, Struct, json

from ....bridge.encodings import decode_base64url, encode_base64url
from ....models.clock import to_milliseconds
from ...crypto.constant_time import is_equal
from .codec import CachedPayload

_FORGETFUL_AGE: Final = 60  # seconds


class _Envelope(Struct, frozen=True, rename="camel"):
    session: Raw
    expires_at: int
    signature: str


class Compact:
    """See `Codec`. The key is the secret itself."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def seal(self, payload: bytes, max_age: int | None, now: datetime) -> str:
        """See `Codec`. With a cookie until the browser closes, the cache is valid for a minute."""
        age = _FORGETFUL_AGE if max_age is None else max_age
        expires_at = to_milliseconds(now) + age * 1000
        envelope = _Envelope(Raw(payload), expires_at, self._sign(payload, expires_at))
        return encode_base64url(json.encode(envelope))

    def open(self, value: str, now: datetime) -> CachedPayload | None:
        """See `Codec`.

        The original signs the text that it makes of the parsed object. That is the text which
        was parsed, wherever JavaScript wrote it; so it is taken as it stands.
        """
        try:
            envelope = json.decode(decode_base64url(value), type=_Envelope)
        except (ValueError, DecodeError, RecursionError):  # nobody has signed it yet
            return None
        ours = self._sign(bytes(envelope.session), envelope.expires_at)
        if not is_equal(ours.encode(), envelope.signature.encode()):
            return None
        return CachedPayload(bytes(envelope.session), envelope.expires_at)

    def _sign(self, payload: bytes, expires_at: int) -> str:
        signed = b'%b,"expiresAt":%d}' % (payload[:-1], expires_at)
        return encode_base64url(hmac.digest(self._key, signed, "sha256"))
