"""Hashes at the least cost there is, for tests that are about something else.

At the cost of the service argon2id takes 30 milliseconds, and scrypt, which a service makes on an
adopted database, takes 60; most tests sign somebody up. A hash of scrypt does not say what it cost:
the salt of a cheap one begins with zeros. All others are verified as ever.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

import pytest
from argon2 import PasswordHasher

from app.auth.passwords import decoys, hashes

_FULL = hashes.make_argon2id
_FULL_SCRYPT = hashes._hash_scrypt
_FULL_DECOY = decoys._SCRYPT
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_ZEROS = "0" * 16  # of 32 digits
_CHEAP_DECOY = _ZEROS + _FULL_DECOY[len(_ZEROS) :]


@contextmanager
def patch_cheap() -> Iterator[None]:
    """What is made, and what is checked where nobody has this address."""
    with pytest.MonkeyPatch.context() as patch:
        _set_cheap(patch)
        yield


@contextmanager
def patch_full() -> Iterator[None]:
    """As the service has it, within `patch_cheap`."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (hashes, decoys):
            patch.setattr(module, "make_argon2id", _FULL)
        patch.setattr(hashes, "token_hex", token_hex)
        _set_decoy(patch, _FULL_DECOY)
        yield


def make_cheap() -> None:
    """For as long as this process lives."""
    _set_cheap(pytest.MonkeyPatch())


def _set_cheap(patch: pytest.MonkeyPatch) -> None:
    for module in (hashes, decoys):
        patch.setattr(module, "make_argon2id", lambda cost: _CHEAP)
    patch.setattr(hashes, "token_hex", lambda size: _ZEROS + token_hex(size - len(_ZEROS) // 2))
    patch.setattr(hashes, "_hash_scrypt", _hash_scrypt)
    _set_decoy(patch, _CHEAP_DECOY)


def _set_decoy(patch: pytest.MonkeyPatch, decoy: str) -> None:
    patch.setattr(decoys, "_SCRYPT", decoy)
    patch.setitem(decoys._OTHERS, "scrypt", decoy)


def _hash_scrypt(password: str, salt: str) -> str:
    if not salt.startswith(_ZEROS):
        return _FULL_SCRYPT(password, salt)
    normal = hashes._normalize(password)
    return f"{salt}:{hashlib.scrypt(normal, salt=salt.encode(), n=2, r=1, p=1, dklen=64).hex()}"
