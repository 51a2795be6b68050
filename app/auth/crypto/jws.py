"""Compact JWS (RFC 7515 §7.1) with a secret of the service: HS256, with one header.

Nothing of a token is parsed before its signature is verified, so this needs no library. What others
sign, and what other programs read, PyJWT opens: see `bridge/hs256.py`.
"""

import hmac
import json
import re
from typing import Final

from ...bridge.encodings import decode_base64url, encode_base64url

UNTYPED: Final = ""
ACCESS_TOKEN: Final = "at+jwt"  # noqa: S105 - RFC 9068's type of an access token

# 256 bits in base64url: the last of 43 characters has two bits that must be zero.
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


class Hs256:
    """Signs payloads, and verifies what it signed.

    Accepts only exactly this header, so that a token cannot choose how it is read.
    """

    def __init__(self, key: bytes, typ: str = UNTYPED) -> None:
        header = {"alg": "HS256"} | ({"typ": typ} if typ else {})
        encoded = json.dumps(header, separators=(",", ":")).encode()
        self._start = f"{encode_base64url(encoded)}."
        self._key = key

    def sign(self, payload: bytes) -> str:
        """Returns the token of a JSON payload."""
        signed = self._start + encode_base64url(payload)
        return f"{signed}.{self._compute_signature(signed)}"

    def open(self, token: str) -> bytes | None:
        """Returns the payload, or None if it is not signed with this key and header."""
        signed, _, signature = token.rpartition(".")
        if not (signed.startswith(self._start) and signed.isascii()):
            return None
        if not _SIGNATURE.fullmatch(signature):
            return None
        if not hmac.compare_digest(signature, self._compute_signature(signed)):
            return None
        try:
            return decode_base64url(signed.removeprefix(self._start))
        except ValueError:  # signed by somebody else who has the key
            return None

    def _compute_signature(self, signed: str) -> str:
        return encode_base64url(hmac.digest(self._key, signed.encode(), "sha256"))
