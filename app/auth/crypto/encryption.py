"""Encryption at rest, like `symmetricEncrypt` of Better Auth 1.7.25. Both servers read both."""

import re
from collections.abc import Sequence
from hashlib import sha256
from secrets import token_bytes
from typing import Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError

from ...settings.settings import Settings

_NONCE: Final = 24  # bytes, in front of the ciphertext
_ENVELOPE: Final = re.compile(r"\$ba\$([0-9]+)\$(.*)", re.DOTALL)


class Undecipherable(Exception):
    """The text was encrypted with another secret, or changed. Says which secret is missing."""


class Cipher:
    """XChaCha20-Poly1305 with the SHA-256 of the current secret as key.

    With versioned secrets the text has the version in front. Texts of older secrets are read.
    """

    def __init__(self, settings: Settings) -> None:
        secrets = settings.secrets
        self._current = secrets[0].version if secrets else None
        self._keys = {secret.version: _derive_key(secret.value) for secret in secrets}
        if not secrets:
            self._keys[None] = _derive_key(settings.secret)

    @property
    def versions(self) -> Sequence[int | None]:
        """Returns the versions of the secrets, the current one first. None: without a version."""
        return tuple(self._keys)

    def encrypt(self, text: str) -> str:
        """Returns lower-case hex, with the prefix `$ba$<version>$` if secrets have versions."""
        nonce = token_bytes(_NONCE)
        sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(
            text.encode(), None, nonce, self._keys[self._current]
        )
        envelope = "" if self._current is None else f"$ba${self._current}$"
        return envelope + (nonce + sealed).hex()

    def decrypt(self, data: str) -> str:
        """Returns the text. Raises `Undecipherable`."""
        version, ciphertext = _split(data)
        if version not in self._keys:
            raise Undecipherable(_describe_missing(version))
        try:
            raw = bytes.fromhex(ciphertext)
            text = crypto_aead_xchacha20poly1305_ietf_decrypt(
                raw[_NONCE:], None, raw[:_NONCE], self._keys[version]
            )
            return text.decode()
        except (CryptoError, ValueError):
            raise Undecipherable("it was encrypted with another secret") from None


def read_version(data: str) -> int | None:
    """Returns the version of the secret that encrypted a text. None: it was without a version."""
    return _split(data)[0]


def _split(data: str) -> tuple[int | None, str]:
    found = _ENVELOPE.fullmatch(data)
    return (int(found[1]), found[2]) if found else (None, data)


def _derive_key(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _describe_missing(version: int | None) -> str:
    if version is None:
        return "it was encrypted without a version: set BETTER_AUTH_SECRET as well"
    return f"BETTER_AUTH_SECRETS has no version {version}"
