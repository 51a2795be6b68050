"""Password hashes: makes argon2id or Better Auth's scrypt, verifies all supported forms.

Everything here blocks for tens of milliseconds. `hashing` runs it in threads.
"""

import hashlib
import re
from enum import StrEnum
from functools import cache
from secrets import token_hex
from typing import Final
from unicodedata import normalize

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from ...settings.argon2_cost import Argon2Cost
from ..crypto.constant_time import is_equal
from .foreign_hashes import Pbkdf2, read_foreign

_ARGON2 = PasswordHasher()  # for checks: a hash says itself what it costs
_DEFAULT: Final = Argon2Cost()
# Better Auth 1.7.25 `crypto/password`: N=2^14, r=16, p=1, 64 bytes; OpenSSL must be let use 32 MiB.
_SCRYPT_MEMORY = 64 * 1024 * 1024
_BCRYPT_MAXIMUM = 72  # bytes; what bcrypt itself has always ignored beyond


class Kind(StrEnum):
    """The hash schemes."""

    ARGON2ID = "argon2id"
    SCRYPT = "scrypt"
    BCRYPT = "bcrypt"
    PBKDF2 = "pbkdf2"
    FOREIGN_SCRYPT = "scrypt of another form"
    UNKNOWN = "unknown"


class Scheme(Struct, frozen=True):
    """The scheme of new hashes, and what argon2id costs."""

    kind: Kind
    cost: Argon2Cost = _DEFAULT


_FORMS = {
    Kind.ARGON2ID: re.compile(
        r"\$argon2(id|i|d)(\$v=\d+)?\$m=\d+,t=\d+,p=\d+(\$[A-Za-z0-9+/]+){2}", re.ASCII
    ),
    Kind.SCRYPT: re.compile("[0-9a-f]{32}:[0-9a-f]{128}"),
    Kind.BCRYPT: re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}", re.ASCII),
}


def get_kind(stored: str) -> Kind:
    """Returns the scheme of a stored hash. UNKNOWN for a malformed one."""
    for kind, form in _FORMS.items():
        if form.fullmatch(stored):
            return kind
    return _get_foreign_kind(stored)


def get_cost(stored: str) -> str:
    """Returns the scheme and the parameters of a hash, which decide what a check costs."""
    match get_kind(stored):
        case Kind.ARGON2ID:
            return stored.rsplit("$", 2)[0]
        case Kind.BCRYPT:
            return stored.rpartition("$")[0]
        case kind:
            found = read_foreign(stored)
            return kind if found is None else found.cost


@cache
def make_argon2id(cost: Argon2Cost) -> PasswordHasher:
    """Returns what makes argon2id hashes of this cost."""
    memory, passes = cost.memory, cost.passes
    return PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=cost.lanes)


def make(password: str, scheme: Scheme) -> str:
    """Returns a hash of the NFKC form of `password`: Better Auth's scrypt, or argon2id."""
    if scheme.kind is Kind.SCRYPT:
        return _hash_scrypt(password, token_hex(16))
    return make_argon2id(scheme.cost).hash(_normalize(password))


def verify_hash(password: str, stored: str) -> bool:
    """Whether `stored` is a hash of `password`. A malformed hash matches nothing."""
    match get_kind(stored):
        case Kind.ARGON2ID:
            return _verify_argon2(password, stored)
        case Kind.SCRYPT:
            made = _hash_scrypt(password, stored.partition(":")[0])
            return is_equal(made.encode(), stored.encode())
        case Kind.BCRYPT:
            return _verify_bcrypt(password, stored)
        case _:
            return _verify_foreign(password, stored)


def is_like_new(stored: str, preferred: Scheme) -> bool:
    """Whether it looks like a new argon2id hash: sound, and not outdated. False: look closer."""
    if preferred.kind is not Kind.ARGON2ID:
        return False
    return _compile_form(preferred.cost).fullmatch(stored) is not None


def is_outdated(stored: str, preferred: Scheme) -> bool:
    """Whether a hash should be replaced: another scheme, or argon2id of another cost."""
    if is_like_new(stored, preferred):
        return False
    if get_kind(stored) is not preferred.kind:
        return True
    is_argon2id = preferred.kind is Kind.ARGON2ID
    return is_argon2id and make_argon2id(preferred.cost).check_needs_rehash(stored)


@cache
def _compile_form(cost: Argon2Cost) -> re.Pattern[str]:
    parameters = f"m={cost.memory},t={cost.passes},p={cost.lanes}"
    # Base64 of 16 and of 32 bytes; the unused bits of the last characters are zero.
    salt, key = "[A-Za-z0-9+/]{21}[AQgw]", "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]"
    return re.compile(rf"\$argon2id\$v=19\${parameters}\${salt}\${key}", re.ASCII)


def _normalize(password: str) -> bytes:
    return normalize("NFKC", password).encode()


def _hash_scrypt(password: str, salt: str) -> str:
    """Computes scrypt. Better Auth uses the hex text of the salt, not its bytes."""
    key = hashlib.scrypt(
        _normalize(password),
        salt=salt.encode(),
        n=2**14,
        r=16,
        p=1,
        dklen=64,
        maxmem=_SCRYPT_MEMORY,
    )
    return f"{salt}:{key.hex()}"


def _verify_argon2(password: str, stored: str) -> bool:
    """Verifies argon2. An imported hash may be of the password without NFKC."""
    forms = {_normalize(password): None, password.encode(): None}
    return any(_verify_argon2_form(form, stored) for form in forms)


def _verify_argon2_form(password: bytes, stored: str) -> bool:
    try:
        return _ARGON2.verify(stored, password)
    except (InvalidHashError, VerificationError):
        return False


def _verify_bcrypt(password: str, stored: str) -> bool:
    """Verifies bcrypt, without NFKC, because these hashes are always imported."""
    try:
        return bcrypt.checkpw(password.encode()[:_BCRYPT_MAXIMUM], stored.encode())
    except ValueError:
        return False


def _verify_foreign(password: str, stored: str) -> bool:
    found = read_foreign(stored)
    return found is not None and found.problem is None and found.matches(password)


def _get_foreign_kind(stored: str) -> Kind:
    found = read_foreign(stored)
    if found is None:
        return Kind.UNKNOWN
    return Kind.PBKDF2 if isinstance(found, Pbkdf2) else Kind.FOREIGN_SCRYPT
