"""Argon2id at the least cost there is, for tests that are about something else.

At the cost of the service a hash takes 30 milliseconds, and most tests sign somebody up.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from app.auth.passwords import decoys, hashes

_FULL = hashes.make_argon2id
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


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
        yield


def make_cheap() -> None:
    """For as long as this process lives."""
    _set_cheap(pytest.MonkeyPatch())


def _set_cheap(patch: pytest.MonkeyPatch) -> None:
    for module in (hashes, decoys):
        patch.setattr(module, "make_argon2id", lambda cost: _CHEAP)
