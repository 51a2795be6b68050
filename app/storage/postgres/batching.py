"""Batches concurrent lookups by key into one query (DataLoader)."""

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
    """The error of a batch. Each caller gets its own instance, because callers may change it.

    `fault` was raised for the whole batch; the key of another caller may be the reason.
    """

    def __init__(self, fault: Exception) -> None:
        super().__init__(str(fault))
        self.fault = fault


class _Asked(NamedTuple, Generic[T]):
    key: str
    answer: asyncio.Future[T | None]
    at: float  # on the loop's clock


class Lookups(Generic[T]):
    """Joins the lookups of one turn of the event loop into one query.

    Lookups that come during a query wait until it returns, or for `PATIENCE` seconds: a fast store
    gets few, large queries, a slow one delays nobody. `find` returns the results in the order of
    the keys. If it raises, each caller gets `FailedTogether`.
    """

    def __init__(self, find: Find[T]) -> None:
        self._find = find
        self._waiting: list[_Asked[T]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()  # the event loop itself would let them go

    async def find(self, key: str) -> T | None:
        """Returns the value of the key, read after this call, never before.

        Raises FailedTogether, and TimeoutError if the query did not start within `LONGEST_WAIT`.
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
        """Starts a query for the waiting keys, or refuses those that waited too long."""
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
