"""Password hashes: made with argon2id or Better Auth's scrypt, verified in every form we may meet.

Everything here blocks for tens of milliseconds; `app.users.passwords` runs it in threads.
"""

import hashlib
import hmac
from enum import StrEnum
from secrets import token_hex
from unicodedata import normalize

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
_ARGON2ID = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Better Auth 1.7.7 `crypto/password`: N=2^14, r=16, p=1, 64 bytes; OpenSSL must be let use 32 MiB.
_SCRYPT_MEMORY = 64 * 1024 * 1024
_BCRYPT_MAXIMUM = 72  # bytes; what bcrypt itself has always ignored beyond


class Kind(StrEnum):
    """The schemes, told apart by how their hashes begin."""

    ARGON2ID = "argon2id"
    SCRYPT = "scrypt"
    BCRYPT = "bcrypt"
    UNKNOWN = "unknown"


def kind_of(stored: str) -> Kind:
    """The scheme of a stored hash."""
    if stored.startswith("$argon2"):
        return Kind.ARGON2ID
    if stored.startswith(("$2a$", "$2b$", "$2y$")):
        return Kind.BCRYPT
    salt, _, key = stored.partition(":")
    return Kind.SCRYPT if (len(salt), len(key)) == (32, 128) else Kind.UNKNOWN


def make(password: str, kind: Kind) -> str:
    """A new hash of the NFKC form of `password`."""
    return (
        _scrypt(password, token_hex(16)) if kind is Kind.SCRYPT else _ARGON2ID.hash(_nfkc(password))
    )


def fits(password: str, stored: str) -> bool:
    """Whether `stored` is a hash of `password`; a malformed hash fits nothing."""
    match kind_of(stored):
        case Kind.ARGON2ID:
            return _fits_argon2(password, stored)
        case Kind.SCRYPT:
            made = _scrypt(password, stored.partition(":")[0])
            return hmac.compare_digest(made.encode(), stored.encode())
        case Kind.BCRYPT:
            return _fits_bcrypt(password, stored)
        case Kind.UNKNOWN:
            return False


def is_outdated(stored: str, preferred: Kind) -> bool:
    """Whether a hash should be made anew: of another scheme, or argon2id with other parameters."""
    if kind_of(stored) is not preferred:
        return True
    return preferred is Kind.ARGON2ID and _ARGON2ID.check_needs_rehash(stored)


def _nfkc(password: str) -> bytes:
    return normalize("NFKC", password).encode()


def _scrypt(password: str, salt: str) -> str:
    """Better Auth salts with the hex text itself, not with the bytes it spells."""
    key = hashlib.scrypt(
        _nfkc(password), salt=salt.encode(), n=2**14, r=16, p=1, dklen=64, maxmem=_SCRYPT_MEMORY
    )
    return f"{salt}:{key.hex()}"


def _fits_argon2(password: str, stored: str) -> bool:
    try:
        return _ARGON2ID.verify(stored, _nfkc(password))
    except (InvalidHashError, VerificationError):
        return False


def _fits_bcrypt(password: str, stored: str) -> bool:
    try:
        return bcrypt.checkpw(_nfkc(password)[:_BCRYPT_MAXIMUM], stored.encode())
    except ValueError:
        return False
