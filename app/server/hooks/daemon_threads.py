"""Threads of plain functions, which a process does not wait for when it ends."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from threading import Lock, Semaphore, Thread
from typing import Any, Final, ParamSpec, TypeVar
from weakref import finalize

P = ParamSpec("P")
T = TypeVar("T")

_Work = SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]


class DaemonThreads(Executor):
    """Like `ThreadPoolExecutor`, but with daemon threads: a function may hang for ever.

    `most`: how many threads. They start when they are needed, and end with this object.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most: Final = most
        self._name: Final = name
        self._work: Final = _Work()
        self._idle: Final = Semaphore(0)
        self._lock: Final = Lock()
        self._threads: Final[list[Thread]] = []
        finalize(self, _stop, self._work, self._threads).atexit = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Returns a future of what the function returns or raises."""
        future: Future[T] = Future()
        self._work.put((future, partial(fn, *args, **kwargs)))
        with self._lock:
            if not self._idle.acquire(blocking=False) and len(self._threads) < self._most:
                name = f"{self._name} {len(self._threads)}"
                arguments = (self._work, self._idle)
                thread = Thread(target=_run_all, args=arguments, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
        return future


def _run_all(work: _Work, idle: Semaphore) -> None:
    while (found := work.get()) is not None:
        _run(*found)
        del found  # or it keeps what the function returned until the next one
        idle.release()


def _run(future: Future[T], function: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as fault:  # noqa: BLE001  # who waits for the future raises it
        future.set_exception(fault)
    else:
        future.set_result(result)


def _stop(work: _Work, threads: list[Thread]) -> None:
    for _ in threads:
        work.put(None)
