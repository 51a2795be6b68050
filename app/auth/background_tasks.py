"""Work after the response, so that the response time reveals nothing."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Final

from ..models.telemetry.log_events import log_event

MOST: Final = 1000  # pieces of work at once
_log = logging.getLogger("better_auth.later")


class BackgroundTasks:
    """Starts work after the response. A failure is logged."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()
        self._finishing = asyncio.Event()

    def start(self, work: Coroutine[None, None, None]) -> bool:
        """Adds work; call it last, right before the response.

        Above `MOST` the work is dropped. Returns whether it was started.
        """
        if len(self._tasks) >= self._most:
            work.close()
            log_event(_log, "work after an answer dropped", logging.ERROR, waiting=self._most)
            return False
        task = asyncio.get_running_loop().create_task(_run_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def pause(self, seconds: float) -> None:
        """Waits in the middle of work, but never for longer than `finish` lets it."""
        # Before Python 3.12 `wait_for` loses a cancellation that comes with the event.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._finishing.wait()

    async def finish(self, seconds: float | None = None) -> None:
        """Waits for all work, also that which work starts, for at most these seconds.

        Pauses end.
        """
        self._finishing.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        self._finishing.clear()


async def _run_logged(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except Exception as fault:  # noqa: BLE001  # nobody else would ever hear of it
        log_event(_log, "work after an answer failed", logging.ERROR, fault=type(fault).__name__)
