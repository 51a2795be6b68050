"""Compact JWS (RFC 7515 §7.1) under a secret: HS256 (RFC 7518 §3.2), with one header."""

import hmac
from typing import Final

from app import base64url

UNTYPED: Final = b'{"alg":"HS256"}'
ACCESS_TOKEN: Final = b'{"alg":"HS256","typ":"at+jwt"}'  # RFC 9068


class Hs256:
    """Signs payloads and opens what it signed; the key and the header are made ready once.

    Only the very text of that header is opened, so that a token can't choose how it is read.
    """

    def __init__(self, key: bytes, header: bytes = UNTYPED) -> None:
        self._keyed = hmac.new(key, digestmod="sha256")
        self._start = base64url.encode(header) + "."

    def sign(self, payload: bytes) -> str:
        """The token of a payload, which is JSON."""
        signed = self._start + base64url.encode(payload)
        return f"{signed}.{self._signature(signed)}"

    def open(self, token: str) -> bytes | None:
        """The payload; None unless it was signed with this key and header."""
        signed, _, signature = token.rpartition(".")
        if not token.isascii() or not signed.startswith(self._start):
            return None
        if not hmac.compare_digest(self._signature(signed), signature):
            return None
        return base64url.decode(signed.removeprefix(self._start))  # can't fail: it was signed

    def _signature(self, signed: str) -> str:
        keyed = self._keyed.copy()
        keyed.update(signed.encode())
        return base64url.encode(keyed.digest())
