"""Checks which imported hashes can be verified, at a reasonable cost."""

import re
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from typing import Final

from ...settings.argon2_cost import MOST_LANES, MOST_MEMORY, MOST_PASSES
from .foreign_hashes import read_foreign
from .hashes import Kind, get_kind

BCRYPT_COSTS: Final = range(4, 15)  # a check at 14 takes a second
_ARGON2: Final = re.compile(
    r"\$argon2(?:id|i|d)(?:\$v=(\d+))?\$m=([1-9]\d*),t=([1-9]\d*),p=([1-9]\d*)\$([^$]+)\$([^$]+)",
    re.ASCII,
)
_VERSIONS: Final = (None, "16", "19")
_BCRYPT_SALT_ENDS: Final = ".Oeu"  # 22 characters are 132 bits, of which a salt has 128
# Django's names stand before the forms that everybody else writes.
_DJANGO: Final = (("argon2$argon2", "$argon2"), ("bcrypt$$2", "$2"))


class UnusableHash(ValueError):
    """A hash is refused. The message follows its name."""


def get_usable_hash(imported: str) -> str:
    """Returns the hash to store. Raises `UnusableHash`."""
    stored = _strip_prefix(imported)
    match get_kind(stored):
        case Kind.SCRYPT:
            pass
        case Kind.BCRYPT:
            _check_bcrypt(stored)
        case Kind.ARGON2ID:
            _check_argon2(stored)
        case _:
            _check_foreign(stored)
    return stored


def _strip_prefix(imported: str) -> str:
    for theirs, ours in _DJANGO:
        if imported.startswith(theirs):
            return ours + imported.removeprefix(theirs)
    return imported


def _check_bcrypt(stored: str) -> None:
    if int(stored[4:6]) not in BCRYPT_COSTS:
        raise UnusableHash(
            f"has the cost {stored[4:6]}; {BCRYPT_COSTS[0]} to {BCRYPT_COSTS[-1]} can be verified"
        )
    if stored[28] not in _BCRYPT_SALT_ENDS:
        raise UnusableHash("is a damaged bcrypt hash: its salt is impossible")


def _check_argon2(stored: str) -> None:
    fields = _ARGON2.fullmatch(stored)
    if fields is None or fields[1] not in _VERSIONS:
        raise UnusableHash("is an argon2 hash of an unknown version or form")
    memory, passes, lanes = (int(fields[number][:10]) for number in (2, 3, 4))
    if memory > MOST_MEMORY or passes > MOST_PASSES or lanes > MOST_LANES:
        raise UnusableHash(
            f"wants m={memory},t={passes},p={lanes}; at most"
            f" m={MOST_MEMORY},t={MOST_PASSES},p={MOST_LANES} can be verified"
        )
    if memory < 8 * lanes:
        raise UnusableHash(f"has m={memory} for p={lanes}, where argon2 needs at least 8 KiB each")
    if _count_bytes(fields[5]) < 8 or _count_bytes(fields[6]) < 12:  # noqa: PLR2004  # RFC 9106's least salt, and a tag that means anything
        raise UnusableHash("is a damaged argon2 hash: its salt or its end is incomplete or wrong")


def _check_foreign(stored: str) -> None:
    found = read_foreign(stored)
    if found is None:
        raise UnusableHash(
            "is not a hash that this service can verify: bcrypt ($2a$, $2b$, $2y$), argon2,"
            " scrypt or"
            " PBKDF2 in a form that docs/importing.md lists"
        )
    if found.problem is not None:
        raise UnusableHash(found.problem)


def _count_bytes(text: str) -> int:
    """Returns the length of unpadded base64 in bytes, -1 if argon2 cannot decode it."""
    try:
        found = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except NoBase64:
        return -1
    return len(found) if b64encode(found).decode().rstrip("=") == text else -1
