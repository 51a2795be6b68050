"""Measures how long a hash waits for a thread, and how long it takes there."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from ...models.telemetry.metrics import HASH_SECONDS, HASHES_WAITING
from ...models.telemetry.spans import SpanRecorder

T = TypeVar("T")


class TimedWork(Generic[T]):
    """A piece of work for a thread. It waits from now on, until it is called."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._queued = time.time_ns()
        self._started: int | None = None
        self._ended: int | None = None
        HASHES_WAITING.change(by=1)

    def __call__(self) -> T:
        """Does the work, in a thread."""
        self._started = time.time_ns()
        HASHES_WAITING.change(by=-1)
        HASH_SECONDS.observe(_to_seconds(self._started - self._queued), "wait")
        try:
            return self._work()
        finally:
            self._ended = time.time_ns()
            HASH_SECONDS.observe(_to_seconds(self._ended - self._started), "work")

    def finish(self, recorder: SpanRecorder | None) -> None:
        """Call it when nobody waits for the work any more: it may never have been called."""
        if self._started is None:
            HASHES_WAITING.change(by=-1)
        if recorder is not None:
            wait = recorder.start("password hash wait", {}, kind="internal", at=self._queued)
            wait.end(at=self._started)
            if self._started is not None:
                work = recorder.start("password hash", {}, kind="internal", at=self._started)
                work.end(at=self._ended)


def _to_seconds(nanoseconds: int) -> float:
    return max(0, nanoseconds) / 1e9  # a clock may have been set back
