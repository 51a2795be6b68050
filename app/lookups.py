"""Look-ups that wait together are made together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

T = TypeVar("T")
Find = Callable[[Sequence[str]], Awaitable[Sequence[T | None]]]

PATIENCE: Final = 0.002  # seconds that a key waits for the answer to others
AT_ONCE: Final = 6
MOST: Final = 100  # keys


class Lookups(Generic[T]):
    """What is asked for in one turn of the event loop goes at once, and together.

    What is asked for while others are on their way goes when they are back, or after `PATIENCE`:
    a quick store is asked seldom and for many, a slow one holds nobody up. `find` gives what there
    is for each key, in order; what it raises is raised for each of them.
    """

    def __init__(self, find: Find[T]) -> None:
        self._find = find
        self._waiting: list[tuple[str, asyncio.Future[T | None]]] = []
        self._impatient: asyncio.TimerHandle | None = None
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()  # the event loop itself would let them go

    async def find(self, key: str) -> T | None:
        """What there is for the key: it is read after this call, never before."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[T | None] = loop.create_future()
        self._waiting.append((key, found))
        if self._running == 0:
            self._start()
        elif self._impatient is None and self._running < AT_ONCE:
            self._impatient = loop.call_later(PATIENCE, self._start)
        return await found

    def _start(self) -> None:
        self._running += 1
        task = asyncio.create_task(self._run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._answer(self._taken())
        finally:
            self._running -= 1

    def _taken(self) -> Sequence[tuple[str, asyncio.Future[T | None]]]:
        if self._impatient is not None:
            self._impatient.cancel()
            self._impatient = None
        taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        return taken

    async def _answer(self, asked: Sequence[tuple[str, asyncio.Future[T | None]]]) -> None:
        keys, answers = zip(*asked, strict=True)
        try:
            found = await self._find(keys)
        except Exception as fault:  # noqa: BLE001  # whoever asked shall have it
            for answer in answers:
                if not answer.done():
                    answer.set_exception(fault)
            return
        for answer, one in zip(answers, found, strict=True):
            if not answer.done():
                answer.set_result(one)
