"""JWS in its compact form (RFC 7515 §7.1) under a shared secret (RFC 7518 §3.2)."""

import hmac
from base64 import urlsafe_b64encode
from typing import Final

_HEADER: Final = b'{"alg":"HS256","typ":"at+jwt"}'  # the type of RFC 9068


class SharedSecretSigner:
    """Signs payloads; the header and the key are made ready once."""

    def __init__(self, secret: str) -> None:
        self._keyed = hmac.new(secret.encode(), digestmod="sha256")
        self._start = _base64url(_HEADER) + b"."

    def sign(self, payload: bytes) -> str:
        """The token of a payload, which is JSON."""
        signed = self._start + _base64url(payload)
        mac = self._keyed.copy()
        mac.update(signed)
        return (signed + b"." + _base64url(mac.digest())).decode()


def _base64url(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")
