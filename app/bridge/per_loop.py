"""What belongs to one event loop."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerLoop(Generic[T]):
    """Connections can't leave the event loop that opened them; another loop gets new ones.

    A server has one loop. Test clients start one for each request, and forget it.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._held: tuple[asyncio.AbstractEventLoop, T] | None = None

    def get(self) -> T:
        """What the running loop has; made at its first use."""
        held, loop = self._held, asyncio.get_running_loop()
        if held is None or held[0] is not loop:
            self._held = held = (loop, self._make())
        return held[1]

    def release(self) -> T | None:
        """What the running loop has and the caller now closes."""
        held, self._held = self._held, None
        return held[1] if held is not None and held[0] is asyncio.get_running_loop() else None
