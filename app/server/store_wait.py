"""How long a start waits for the database, and what it logs."""

import asyncio
import time
from asyncio import sleep
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from ..models.errors import StoreUnavailable
from ..storage.unreachable import can_recover, describe_unreachable

LONG: Final = 1.0  # seconds after which silence needs a reason
_LOOKING: Final = "reading the users and their accounts, which takes some time if there are many"


@contextmanager
def report_when_long(say: Callable[[str], None]) -> Iterator[None]:
    """Logs a line if reading every row takes long."""
    timer = asyncio.get_running_loop().call_later(LONG, say, _LOOKING)
    try:
        yield
    finally:
        timer.cancel()


class StoreWait:
    """Waits for `seconds`, from now on. Calls `say` once for each reason."""

    def __init__(self, name: str, seconds: int, say: Callable[[str], None]) -> None:
        self._name, self._seconds, self._say = name, seconds, say
        self._until = time.monotonic() + seconds
        self._said = ""

    async def can_go_on(self, refusal: StoreUnavailable) -> bool:
        """Waits one second. Returns False at once if waiting cannot help, or is over."""
        if not can_recover(refusal) or time.monotonic() >= self._until:
            return False
        why = describe_unreachable(self._name, refusal)
        if why != self._said:
            self._said = why
            self._say(f"{why}; waiting for it, {self._seconds} seconds at most")
        await sleep(1)
        return True
