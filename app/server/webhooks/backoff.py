"""How long a failed webhook waits for the next attempt."""

import random
from datetime import timedelta
from typing import Final

_FIRST: Final = 5.0  # seconds
_FACTOR: Final = 3
_LONGEST: Final = 8 * 3600.0  # seconds
_JITTER: Final = 0.25  # of a wait, more or less
IN_A_ROW: Final = 10  # failures, after which the receiver counts as down
_LONGEST_REST: Final = 60.0  # seconds


def choose_wait(attempts: int) -> timedelta:
    """Returns the wait after so many failed attempts of an event: 5 s, 15 s, … 8 h."""
    return _choose_near(min(_FIRST * _FACTOR ** min(attempts - 1, 20), _LONGEST))


def choose_rest(failures: int) -> timedelta | None:
    """Returns how long nobody's events are sent, after so many failures of all in a row."""
    if failures < IN_A_ROW:
        return None
    return _choose_near(min(_FIRST * 2 ** min(failures // IN_A_ROW - 1, 20), _LONGEST_REST))


def _choose_near(seconds: float) -> timedelta:
    """Returns about this time, so that many who wait do not come together."""
    return timedelta(seconds=seconds * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311  # no secret
