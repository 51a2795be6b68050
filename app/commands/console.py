"""What the commands share: messages on standard error, settings, Ctrl-C."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..settings.settings import Settings


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


@asynccontextmanager
async def allow_interrupted_reads() -> AsyncIterator[None]:
    """Lets Ctrl-C end a blocking read in a coroutine: it raises `KeyboardInterrupt` in the block.

    Elsewhere asyncio only cancels the task. An exception inside its loop could break it.
    """
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if (task := asyncio.current_task()) is not None and task.cancelling():
            # It came before the block, and must end this task here, not a step that cleans up.
            signal.signal(signal.SIGINT, usual)
            await asyncio.sleep(0)
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
