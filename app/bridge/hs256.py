"""Tokens with a shared secret: PyJWT signs and verifies them, only with HS256.

Loads PyJWT, and with it `cryptography` if that is installed. Import it only when it is needed.
Source: RFC 7518 §3.2.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from jwt import InvalidKeyError, PyJWS, PyJWTError
from jwt.algorithms import HMACAlgorithm

from .encodings import encode_base64url
from .errors import InvalidToken, quote_value
from .header import SignedToken, read_header

ALGORITHM: Final = "HS256"
_SHORTEST: Final = 32


class _OfOneKey(HMACAlgorithm):
    """Checks the key once. PyJWT would check for each token that it is no public key."""

    def __init__(self, key: bytes) -> None:
        super().__init__(HMACAlgorithm.SHA256)
        self._key = super().prepare_key(key)

    def prepare_key(self, _key: str | bytes) -> bytes:
        return self._key


class Hs256Key:
    """Signs payloads and verifies tokens with this key. Raises InvalidKeyError."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = _OfOneKey(key)
        self._jws = PyJWS(algorithms=[])
        self._jws.register_algorithm(ALGORITHM, self._algorithm)

    def sign(self, payload: bytes, *, typ: str) -> str:
        """Returns the token of a JSON payload. An empty `typ` is left out."""
        return self._jws.encode(payload, "", algorithm=ALGORITHM, headers={"typ": typ})

    def sign_after(self, start: str, payload: bytes) -> str:
        """Does the same under a header that `sign` made: `start` is its text, with the dot."""
        signed = start + encode_base64url(payload)
        key = self._algorithm.prepare_key("")
        return f"{signed}.{encode_base64url(self._algorithm.sign(signed.encode(), key))}"

    def open(self, token: str) -> bytes | None:
        """Returns the payload, or None if it is not signed with this key."""
        try:
            payload: bytes = self._jws.decode(token, "", algorithms=[ALGORITHM])
        except (PyJWTError, UnicodeEncodeError):
            return None
        return payload


class SharedSecrets:
    """Verifies tokens signed with any of the secrets. All but the first are old."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Raises ValueError for a secret that is not safe for HS256."""
        if not secrets:
            raise ValueError("no secret given: a verifier needs the one that signs the tokens")
        total = len(secrets)
        self._keys = [
            _create_key(secret, f"secret {n} of {total}") for n, secret in enumerate(secrets, 1)
        ]

    def open(self, token: str) -> SignedToken:
        """Returns the signed header and payload of a token. Raises InvalidToken."""
        header = read_header(token)
        alg = header.get("alg")
        if alg != ALGORITHM:
            shown = alg[:20] if isinstance(alg, str) and alg else quote_value(alg)
            raise InvalidToken(f"alg {shown}, expected {ALGORITHM}")
        # All secrets are tried, so that time does not tell which fits.
        opened = [payload for key in self._keys if (payload := key.open(token)) is not None]
        if not opened:
            raise InvalidToken("signature does not match, is it the same secret?")
        return SignedToken(header, opened[0])


def sign(claims: Mapping[str, object], secret: str) -> str:
    """Returns an access token (RFC 9068) with these claims."""
    return Hs256Key(secret.encode()).sign(json.dumps(claims).encode(), typ="at+jwt")


def _create_key(secret: str, which: str) -> Hs256Key:
    try:
        key = secret.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{which} is not UTF-8 text") from None
    if len(key) < _SHORTEST:
        raise ValueError(
            f"{which} has {len(key)} bytes, HS256 needs {_SHORTEST}: openssl rand -hex 32 makes one"
        )
    try:
        return Hs256Key(key)
    except InvalidKeyError:
        raise ValueError(f"{which} is a public key or a JWK, not a shared secret") from None
