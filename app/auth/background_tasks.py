"""Work after the response, so that the response time reveals nothing."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Final

from ..models.log_events import log_event

MOST: Final = 1000  # pieces of work at once
_log = logging.getLogger("app.later")


class BackgroundTasks:
    """Starts work after the response. A failure is logged."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Adds work; call it last, right before the response. Above `MOST` the work is dropped."""
        if len(self._tasks) >= self._most:
            work.close()
            log_event(_log, "work after an answer dropped", logging.ERROR, waiting=self._most)
            return
        task = asyncio.get_running_loop().create_task(_run_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float | None = None) -> None:
        """Waits for running work, for at most these seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)


async def _run_logged(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except Exception as fault:  # noqa: BLE001  # nobody else would ever hear of it
        log_event(_log, "work after an answer failed", logging.ERROR, fault=type(fault).__name__)
