"""A fixed rhythm, also one of several times in a millisecond, which event loops do not keep."""

import asyncio
import ctypes
import math
import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

# Python has these from 3.13 on, as os.timerfd_create and os.timerfd_settime.
_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_MONOTONIC: Final = 1  # the clock of time.perf_counter
_SECOND: Final = 1_000_000_000  # nanoseconds
_TICKS: Final = 8  # bytes of what a timer says


class Rhythm:
    """Calls `on_due` so often a second with the time when it had to, however late it is."""

    def __init__(self, rate: float, on_due: Callable[[float], None]) -> None:
        self._rate = rate
        self._on_due = on_due
        self._count = 0
        self._began = 0.0
        self._timer = -1

    def start(self) -> None:
        """The first time is now."""
        self._timer = _LIBC.timerfd_create(_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        self._began = time.perf_counter()
        pause = divmod(math.ceil(_SECOND / self._rate), _SECOND)
        times = (ctypes.c_long * 4)(*pause, *pause)
        if self._timer < 0 or _LIBC.timerfd_settime(self._timer, 0, times, None) < 0:
            raise OSError(ctypes.get_errno(), "no timer")
        asyncio.get_running_loop().add_reader(self._timer, self._catch_up)
        self._catch_up()

    def stop(self) -> None:
        """After the calls that are due until now."""
        self._catch_up()
        asyncio.get_running_loop().remove_reader(self._timer)
        os.close(self._timer)

    def _catch_up(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._timer, _TICKS)
        while (due := self._began + self._count / self._rate) <= time.perf_counter():
            self._count += 1
            self._on_due(due)
