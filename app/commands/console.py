"""What the commands share: messages on standard error, settings, Ctrl-C."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from types import FrameType
from typing import NoReturn, TypeVar

from ..settings.settings import Settings

T = TypeVar("T")


def print_message(*lines: str) -> None:
    """Prints lines on standard error; standard output is for results."""
    sys.stderr.writelines(f"{line}\n" for line in lines)
    sys.stderr.flush()


def load_settings() -> Settings:
    """Reads the settings and prints their notices. Raises `SettingsError`."""
    from ..server.plugins import read_settings  # noqa: PLC0415 - SQLAlchemy and Litestar

    notices: list[str] = []
    settings = read_settings(notices=notices)
    print_message(*(f"Notice: {line}" for line in notices))
    return settings


def run_coroutine(work: Coroutine[object, object, T]) -> T:
    """Runs a coroutine like `asyncio.run`, but Ctrl-C also ends a blocking read.

    The coroutine runs its cleanup. Raises `KeyboardInterrupt`.
    """
    usual = signal.signal(signal.SIGINT, _interrupt)
    try:
        return asyncio.run(work)
    finally:
        signal.signal(signal.SIGINT, usual)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
