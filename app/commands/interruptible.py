"""Coroutines of commands, which Ctrl-C ends wherever they are."""

import asyncio
import signal
from collections.abc import Coroutine
from types import FrameType
from typing import NoReturn, TypeVar

T = TypeVar("T")


def run(work: Coroutine[object, object, T]) -> T:
    """`asyncio.run`, whose own Ctrl-C only cancels, and so lets a read that waits go on waiting.

    What the coroutine does at its end is done. Raises `KeyboardInterrupt`.
    """
    usual = signal.signal(signal.SIGINT, _interrupt)
    try:
        return asyncio.run(work)
    finally:
        signal.signal(signal.SIGINT, usual)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
