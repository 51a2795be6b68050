"""Whether others use the machine: looked at while nothing is being measured."""

import os
import time
from pathlib import Path
from typing import Final

_STAT: Final = Path("/proc/stat")
_WINDOW: Final = 0.1  # seconds
_BUSY: Final = 0.3  # of one core: more than servers do that wait
_IDLE: Final = (3, 4)  # the fields idle and iowait


def is_quiet() -> bool:
    """Takes a tenth of a second."""
    before, began = _busy(), time.perf_counter()
    time.sleep(_WINDOW)
    return (_busy() - before) / (time.perf_counter() - began) < _BUSY


def await_quiet(patience: float) -> None:
    """Waits so many seconds for it, at most."""
    end = time.monotonic() + patience
    while time.monotonic() < end and not is_quiet():
        pass


def _busy() -> float:
    """Seconds that all cores have worked since the machine was started."""
    ticks = [int(each) for each in _STAT.read_text().split("\n", 1)[0].split()[1:9]]
    worked = sum(each for field, each in enumerate(ticks) if field not in _IDLE)
    return worked / os.sysconf("SC_CLK_TCK")
