"""The gauges of what waits, set by the process whose turn it is."""

import time
from typing import Final

from ...auth.webhooks.queue import WebhookQueue
from ...models.clock import from_iso, now
from ...models.telemetry.metrics import WEBHOOKS_OLDEST, WEBHOOKS_WAITING

_EVERY: Final = 15.0  # seconds; it reads all that waits


class BacklogGauges:
    """How many events wait, and how long the oldest has. `waiting` is 0 while nobody records."""

    def __init__(self, queue: WebhookQueue) -> None:
        self.waiting = 0
        self._queue = queue
        self._age = 0.0
        self._next = 0.0
        self._shown = (0.0, 0.0)

    async def read(self) -> None:
        """Reads the backlog now and then, if somebody records. Raises `StoreUnavailable`."""
        if WEBHOOKS_WAITING.record is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        found = await self._queue.read_backlog()
        self.waiting, self._age = found.waiting, 0.0
        if found.oldest is not None:
            self._age = max(0.0, (now() - from_iso(found.oldest)).total_seconds())

    def show(self, *, is_mine: bool) -> None:
        """Sets the gauges; to 0 where another process says what waits."""
        waiting, age = (float(self.waiting), self._age) if is_mine else (0.0, 0.0)
        WEBHOOKS_WAITING.change(by=waiting - self._shown[0])
        WEBHOOKS_OLDEST.change(by=age - self._shown[1])
        self._shown = (waiting, age)
