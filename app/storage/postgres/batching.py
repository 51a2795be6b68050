"""Look-ups that wait together are made together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")
Find = Callable[[Sequence[str]], Awaitable[Sequence[T | None]]]

PATIENCE: Final = 0.002  # seconds that a key waits for the answer to others
LONGEST_WAIT: Final = 5.0  # seconds until a key that could not be asked for is refused
AT_ONCE: Final = 4  # calls of `find`
MOST: Final = 100  # keys of one call


class FailedTogether(Exception):
    """Of each asker its own, since whoever catches an exception may write into it.

    `fault` is what was raised for all; it may be due to another's key.
    """

    def __init__(self, fault: Exception) -> None:
        super().__init__(str(fault))
        self.fault = fault


class _Asked(NamedTuple, Generic[T]):
    key: str
    answer: asyncio.Future[T | None]
    at: float  # on the loop's clock


class Lookups(Generic[T]):
    """What is asked for in one turn of the event loop goes at once, and together.

    What is asked for while others are on their way goes when they are back, or after `PATIENCE`:
    a quick store is asked seldom and for many, a slow one holds nobody up. `find` gives what there
    is for each key, in order; what it raises is `FailedTogether` for each of them.
    """

    def __init__(self, find: Find[T]) -> None:
        self._find = find
        self._waiting: list[_Asked[T]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()  # the event loop itself would let them go

    async def find(self, key: str) -> T | None:
        """What there is for the key: it is read after this call, never before.

        Raises FailedTogether, and TimeoutError where it was not asked for within `LONGEST_WAIT`.
        """
        loop = asyncio.get_running_loop()
        asked = _Asked[T](key, loop.create_future(), loop.time())
        self._waiting.append(asked)
        if self._running == 0:
            self._start()
        else:
            self._mind_the_time()
        return await asked.answer

    def _start(self) -> None:
        self._running += 1
        task = asyncio.create_task(self._run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        try:
            while asked := self._taken():
                await self._answer(asked)
        finally:
            self._running -= 1

    def _taken(self) -> Sequence[_Asked[T]]:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting = [each for each in self._waiting if not each.answer.done()]
        taken, self._waiting = waiting[:MOST], waiting[MOST:]
        if self._waiting:
            self._hurry()
        return taken

    async def _answer(self, asked: Sequence[_Asked[T]]) -> None:
        try:
            found = await self._find([each.key for each in asked])
            for each, one in list(zip(asked, found, strict=True)):
                if not each.answer.done():
                    each.answer.set_result(one)
        except Exception as fault:  # noqa: BLE001  # whoever asked shall have it
            for each in asked:
                if not each.answer.done():
                    each.answer.set_exception(FailedTogether(fault))
        finally:
            for each in asked:
                each.answer.cancel()  # of those that have no answer, so that nobody hangs

    def _mind_the_time(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            refused = self._waiting[0].at + LONGEST_WAIT
            soon = self._running < AT_ONCE
            self._timer = loop.call_at(loop.time() + PATIENCE if soon else refused, self._hurry)

    def _hurry(self) -> None:
        """Asks for those who wait; where that may not be, refuses who has waited too long."""
        self._timer = None
        if self._running < AT_ONCE:
            self._start()
            return
        overdue = asyncio.get_running_loop().time() - LONGEST_WAIT
        for each in self._waiting:
            if each.at <= overdue and not each.answer.done():
                each.answer.set_exception(TimeoutError())
        self._waiting = [each for each in self._waiting if not each.answer.done()]
        if self._waiting:
            self._mind_the_time()
