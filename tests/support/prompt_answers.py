"""Answers at once, where the service waits so that they take the same time for every address.

It waits for a quarter or half of a second, with each mail that somebody asks for.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.auth.email_password import sign_up
from app.auth.email_verification import requests as verification
from app.auth.reset_password import requests as reset
from app.plugins.email_otp import requests as codes

_WAITING = (sign_up, verification, reset, codes)


@contextmanager
def patch_prompt() -> Iterator[None]:
    """In this process."""
    with pytest.MonkeyPatch.context() as patch:
        _set_prompt(patch)
        yield


def make_prompt() -> None:
    """For as long as this process lives."""
    _set_prompt(pytest.MonkeyPatch())


def _set_prompt(patch: pytest.MonkeyPatch) -> None:
    for module in _WAITING:
        patch.setattr(module, "SAME_TIME", 0.0)
