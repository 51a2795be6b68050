"""Compact JWS (RFC 7515 §7.1) with a secret of the service: HS256 of PyJWT, with one header."""

import re
from typing import Final

from ...bridge.hs256 import Hs256Key

UNTYPED: Final = ""
ACCESS_TOKEN: Final = "at+jwt"  # noqa: S105 - RFC 9068's type of an access token

# 256 bits in base64url: the last of 43 characters has two bits that must be zero.
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


class Hs256:
    """Signs payloads, and verifies what it signed. Prepares key and header once.

    Accepts only exactly this header, so that a token cannot choose how it is read.
    """

    def __init__(self, key: bytes, typ: str = UNTYPED) -> None:
        self._jws = Hs256Key(key)
        self._start = self._jws.sign(b"", typ=typ).partition(".")[0] + "."

    def sign(self, payload: bytes) -> str:
        """Returns the token of a JSON payload."""
        return self._jws.sign_after(self._start, payload)

    def open(self, token: str) -> bytes | None:
        """Returns the payload, or None if it is not signed with this key and header."""
        signature = token.rpartition(".")[2]
        if not token.startswith(self._start) or not _SIGNATURE.fullmatch(signature):
            return None
        return self._jws.open(token)
