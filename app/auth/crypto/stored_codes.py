"""How mailed codes and one-time tokens are stored: as they are, hashed or encrypted.

Source: `defaultKeyHasher` and `storeOTP` of Better Auth 1.7.25. Both servers read both.
"""

from hashlib import sha256
from typing import Literal

from ...bridge.encodings import encode_base64url
from .constant_time import is_equal
from .encryption import Cipher, Undecipherable

CodeStorage = Literal["plain", "hashed", "encrypted"]


class StoredCodes:
    """Seals codes in the way that an option says, and compares them in constant time."""

    def __init__(self, storage: CodeStorage, cipher: Cipher) -> None:
        self._storage = storage
        self._cipher = cipher

    def seal(self, code: str) -> str:
        """Returns the code in the form in which it is stored."""
        match self._storage:
            case "encrypted":
                return self._cipher.encrypt(code)
            case "hashed":
                return hash_key(code)
            case _:
                return code

    def is_code(self, stored: str, code: str) -> bool:
        """Whether this is the stored code. False if the secret or the option changed since."""
        sent = hash_key(code) if self._storage == "hashed" else code
        kept = self._decrypt(stored) if self._storage == "encrypted" else stored
        return kept is not None and is_equal(kept.encode(), sent.encode("utf-8", "replace"))

    def read(self, stored: str) -> str | None:
        """Returns the code, or None if it cannot be read, such as from a hash."""
        match self._storage:
            case "encrypted":
                return self._decrypt(stored)
            case "hashed":
                return None
            case _:
                return stored

    def _decrypt(self, stored: str) -> str | None:
        try:
            return self._cipher.decrypt(stored)
        except Undecipherable:
            return None


def hash_key(text: str) -> str:
    """Returns the SHA-256 of a text in base64url, without padding."""
    return encode_base64url(sha256(text.encode("utf-8", "replace")).digest())
