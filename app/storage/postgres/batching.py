"""Batches concurrent lookups by key into one query (DataLoader)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")
FindAll = Callable[[Sequence[str]], Awaitable[Sequence[T | None]]]

BATCH_WAIT: Final = 0.002  # seconds that a key waits for a running batch
LONGEST_WAIT: Final = 5.0  # seconds until a key that is in no batch yet is refused
CONCURRENT_BATCHES: Final = 4
BATCH_SIZE: Final = 100  # keys


class BatchFailed(Exception):
    """The error of a batch. Each caller gets its own instance, because callers may change it.

    `fault` was raised for the whole batch; the key of another caller may be the reason.
    """

    def __init__(self, fault: Exception) -> None:
        super().__init__(str(fault))
        self.fault = fault


class _Lookup(NamedTuple, Generic[T]):
    key: str
    found: asyncio.Future[T | None]
    at: float  # on the loop's clock


class BatchLoader(Generic[T]):
    """Joins the lookups of one turn of the event loop into one query.

    Lookups that come during a query wait until it returns, or for `BATCH_WAIT` seconds: a fast
    store gets few, large queries, a slow one delays nobody. `find_all` returns the results in the
    order of the keys. If it raises, each caller gets `BatchFailed`.
    """

    def __init__(self, find_all: FindAll[T]) -> None:
        self._find_all = find_all
        self._waiting: list[_Lookup[T]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()  # the event loop itself would let them go

    async def find(self, key: str) -> T | None:
        """Returns the value of the key, read after this call, never before.

        Raises BatchFailed, and TimeoutError if the query did not start within `LONGEST_WAIT`.
        """
        loop = asyncio.get_running_loop()
        lookup: _Lookup[T] = _Lookup(key, loop.create_future(), loop.time())
        self._waiting.append(lookup)
        if self._running == 0:
            self._start_batch()
        else:
            self._set_timer()
        return await lookup.found

    def _start_batch(self) -> None:
        self._running += 1
        task = asyncio.create_task(self._run_batches())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run_batches(self) -> None:
        try:
            while batch := self._take_batch():
                await self._resolve(batch)
        finally:
            self._running -= 1

    def _take_batch(self) -> Sequence[_Lookup[T]]:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting = [each for each in self._waiting if not each.found.done()]
        batch, self._waiting = waiting[:BATCH_SIZE], waiting[BATCH_SIZE:]
        if self._waiting:
            self._handle_waiting()
        return batch

    async def _resolve(self, batch: Sequence[_Lookup[T]]) -> None:
        try:
            values = await self._find_all([each.key for each in batch])
            for each, value in list(zip(batch, values, strict=True)):
                if not each.found.done():
                    each.found.set_result(value)
        except Exception as fault:  # noqa: BLE001  # each caller gets it
            for each in batch:
                if not each.found.done():
                    each.found.set_exception(BatchFailed(fault))
        finally:
            for each in batch:
                each.found.cancel()  # of those that have no result, so that nobody hangs

    def _set_timer(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            is_free = self._running < CONCURRENT_BATCHES
            refused = self._waiting[0].at + LONGEST_WAIT
            at = loop.time() + BATCH_WAIT if is_free else refused
            self._timer = loop.call_at(at, self._handle_waiting)

    def _handle_waiting(self) -> None:
        """Starts a query for the waiting keys, or refuses those that waited too long."""
        self._timer = None
        if self._running < CONCURRENT_BATCHES:
            self._start_batch()
            return
        overdue = asyncio.get_running_loop().time() - LONGEST_WAIT
        for each in self._waiting:
            if each.at <= overdue and not each.found.done():
                each.found.set_exception(TimeoutError())
        self._waiting = [each for each in self._waiting if not each.found.done()]
        if self._waiting:
            self._set_timer()
