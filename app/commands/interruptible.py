"""Runs the coroutine of a command so that Ctrl-C ends it anywhere."""

import asyncio
import signal
from collections.abc import Coroutine
from types import FrameType
from typing import NoReturn, TypeVar

T = TypeVar("T")


def run(work: Coroutine[object, object, T]) -> T:
    """Like `asyncio.run`, but Ctrl-C also ends a blocking read.

    The coroutine runs its cleanup. Raises `KeyboardInterrupt`.
    """
    usual = signal.signal(signal.SIGINT, _interrupt)
    try:
        return asyncio.run(work)
    finally:
        signal.signal(signal.SIGINT, usual)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
