"""Strategy `jwe`: an encrypted JSON Web Token (RFC 7516), unreadable for the browser.

Source: Better Auth 1.7.25 `crypto/jwt`, `symmetricEncodeJWT`, `symmetricDecodeJWT`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import GuestProtocol, OctKey

from ....bridge.encodings import encode_base64url
from .codec import CachedPayload
from .signed import add_times, read_expiry

_REGISTRY: Final = JWERegistry(algorithms=["dir", "A256CBC-HS512"])
_REGISTRY.max_ciphertext_length = 100 * 4050  # what fits into the chunks of a cookie
_SALT: Final = b"better-auth-session"
_INFO: Final = b"BetterAuth.js Generated Encryption Key"
_TOLERANCE: Final = 15  # seconds


class Encrypted:
    """See `Codec`. The first secret encrypts, all of them decrypt."""

    def __init__(self, secrets: Sequence[str]) -> None:
        keys = [_derive_key(secret) for secret in secrets]
        self._keys = {key.thumbprint(): key for key in keys}
        self._kid = keys[0].thumbprint()

    def seal(self, payload: bytes, max_age: int | None, now: datetime) -> str:
        """See `Codec`."""
        claims = b'%b,"jti":"%b"}' % (add_times(payload, max_age, now)[:-1], str(uuid4()).encode())
        header = {"alg": "dir", "enc": "A256CBC-HS512", "kid": self._kid}
        return jwe.encrypt_compact(header, claims, self._keys[self._kid], registry=_REGISTRY)

    def open(self, value: str, now: datetime) -> CachedPayload | None:
        """See `Codec`."""
        try:
            claims = jwe.decrypt_compact(value, self._find_key, registry=_REGISTRY).plaintext
        except (JoseError, KeyError, TypeError, ValueError):
            return None
        end = read_expiry(claims or b"", now, tolerance=_TOLERANCE)
        return None if end is None else CachedPayload(claims or b"", end * 1000)

    def _find_key(self, token: GuestProtocol) -> OctKey:
        return self._keys[token.headers()["kid"]]


def _derive_key(secret: str) -> OctKey:
    """Returns 64 bytes: half for authentication, half for encryption (RFC 7518 5.2.5)."""
    derived = HKDF(SHA256(), 64, _SALT, _INFO).derive(secret.encode())
    return OctKey.import_key({"kty": "oct", "k": encode_base64url(derived)})
