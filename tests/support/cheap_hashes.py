"""Argon2id at the least cost there is, for tests that are about something else.

At the cost of the service a hash takes 30 milliseconds, and most tests sign somebody up.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from app.auth.passwords import hashes
from app.auth.passwords.hashes import DECOYS, Kind

_FULL, _FULL_DECOY = hashes._ARGON2ID, DECOYS[Kind.ARGON2ID]
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_CHEAP_DECOY = _CHEAP.hash("nobody's")


@contextmanager
def patch_cheap() -> Iterator[None]:
    """What is made, and what is checked where nobody has this address."""
    with pytest.MonkeyPatch.context() as patch:
        _set(patch, _CHEAP, _CHEAP_DECOY)
        yield


@contextmanager
def patch_full() -> Iterator[None]:
    """As the service has it, within `patch_cheap`."""
    with pytest.MonkeyPatch.context() as patch:
        _set(patch, _FULL, _FULL_DECOY)
        yield


def make_cheap() -> None:
    """For as long as this process lives."""
    _set(pytest.MonkeyPatch(), _CHEAP, _CHEAP_DECOY)


def _set(patch: pytest.MonkeyPatch, hasher: PasswordHasher, decoy: str) -> None:
    patch.setattr(hashes, "_ARGON2ID", hasher)
    patch.setitem(DECOYS, Kind.ARGON2ID, decoy)
