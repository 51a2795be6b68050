"""What a service waits for between webhooks, a fifth as long, for tests that are not about when.

Everything gets shorter alike, so that what is renewed in time is so here, too.
"""

import pytest

from app.auth.webhooks import turn
from app.server.webhooks import backoff, delivery

_SHORTER = 5
_WAITS = (
    (turn, "LASTS"),
    (turn, "RENEWED_AFTER"),
    (backoff, "_FIRST"),
    (delivery, "_POLL"),
    (delivery, "_TAKEN"),
)


def make_short() -> None:
    """For as long as this process lives."""
    patch = pytest.MonkeyPatch()
    for module, name in _WAITS:
        patch.setattr(module, name, getattr(module, name) / _SHORTER)
