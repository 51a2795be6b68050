"""Objects that belong to one event loop."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerLoop(Generic[T]):
    """Keeps one object per event loop, because connections cannot change the loop.

    A server has one loop. Test clients start one for each request, and forget it.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._held: tuple[asyncio.AbstractEventLoop, T] | None = None

    def get(self) -> T:
        """Returns the object of the running loop. Creates it at the first use."""
        held, loop = self._held, asyncio.get_running_loop()
        if held is None or held[0] is not loop:
            self._held = held = (loop, self._make())
        return held[1]

    def release(self) -> T | None:
        """Returns the object of the running loop and forgets it. The caller must close it."""
        held, self._held = self._held, None
        return held[1] if held is not None and held[0] is asyncio.get_running_loop() else None
