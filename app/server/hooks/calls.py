"""Calls the functions of users: in a thread if they are plain, measured, and with a log line."""

import asyncio
import inspect
import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import copy_context
from time import monotonic
from typing import Final

from msgspec import Struct
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.background_tasks import BackgroundTasks
from ...auth.hooks import Values
from ...models.errors import HookRefusal, StoreUnavailable
from ...models.telemetry.log_events import log_event
from ...storage.after_commit import start_after_commit
from ...storage.refused_values import is_refused_value
from .connection import HookConnection

LONG: Final = 1.0  # seconds
_TWO_WRITERS: Final = (
    "got STORE_UNAVAILABLE inside of a transaction: SQLite has one writer, so auth.api cannot "
    "write there; write with the connection of the hook, or call auth.api in an after_ hook"
)
_log = logging.getLogger("better_auth.hooks")

Function = Callable[..., object]


class HookFailed(Exception):
    """A function that is registered as a hook raised an error, or returned what it must not."""


class HookCall(Struct, frozen=True):
    """A function, the name of the hook that it is registered for, and threads for plain ones."""

    hook: str
    function: Function
    threads: Executor

    @property
    def function_name(self) -> str:
        """Module and name of the function, for the log."""
        unwrapped = inspect.unwrap(self.function)
        name = getattr(unwrapped, "__qualname__", type(unwrapped).__qualname__)
        return f"{getattr(unwrapped, '__module__', None) or type(unwrapped).__module__}.{name}"

    async def run(self, *arguments: object) -> object:
        """Returns what the function returns.

        Raises a `HookRefusal` as it is. Any other error is logged, and becomes a `HookFailed`; only
        a failure of the store stays what it is, because the store knows what to answer.
        """
        with self._report(arguments), self._measure():
            if is_async(self.function):
                found = self.function(*arguments)
            else:
                found = await _run_in_thread(self.threads, self.function, arguments)
            return await found if inspect.isawaitable(found) else found

    def fail(self, reason: str) -> HookFailed:
        """Logs what is wrong with the function, and returns the error to raise."""
        log_event(
            _log,
            "hook failed",
            logging.ERROR,
            hook=self.hook,
            function=self.function_name,
            fault=reason,
        )
        return HookFailed(f"{self.hook}: {self.function_name} {reason}")

    @contextmanager
    def _report(self, arguments: tuple[object, ...]) -> Iterator[None]:
        try:
            yield
        except StoreUnavailable:
            if any(map(_is_of_sqlite, arguments)):
                self.fail(_TWO_WRITERS)
            raise
        except HookRefusal:
            raise
        except asyncio.CancelledError as fault:
            if _is_being_cancelled():
                raise
            raise self.fail("raised CancelledError") from fault
        except Exception as fault:
            failed = self.fail(f"raised {type(fault).__name__}")
            if _is_of_store(fault):
                raise
            raise failed from fault

    @contextmanager
    def _measure(self) -> Iterator[None]:
        """Logs a line after a second, and another one with the whole time at the end."""
        start = monotonic()
        timer = asyncio.get_running_loop().call_later(LONG, self._log_time, start)
        try:
            yield
        finally:
            timer.cancel()
            if monotonic() - start >= LONG:
                self._log_time(start)

    def _log_time(self, start: float) -> None:
        log_event(
            _log,
            "hook takes long",
            logging.WARNING,
            hook=self.hook,
            function=self.function_name,
            seconds=round(monotonic() - start, 2),
        )


class Notification(HookCall, frozen=True):
    """A hook whose result is not used."""

    async def __call__(self, *arguments: object) -> None:
        """Raises what `run` raises."""
        await self.run(*arguments)


class LateNotification(HookCall, frozen=True):
    """A hook that runs after the response: what it raises is logged with its traceback."""

    async def __call__(self, *arguments: object) -> None:
        """Raises nothing."""
        try:
            await self.run(*arguments)
        except Exception:  # noqa: BLE001  # nobody else would ever hear of it
            _log.exception("the hook %s (%s) failed after a commit", self.hook, self.function_name)


class AfterCommit(Struct, frozen=True):
    """A hook in a transaction, which starts another one after the commit, without waiting for it.

    The other one gets the same arguments without the connection, which is the last one.
    """

    call: LateNotification
    background: BackgroundTasks

    async def __call__(self, *arguments: object) -> None:
        """Raises nothing."""
        *others, connection = arguments
        assert isinstance(connection, AsyncConnection)
        start_after_commit(connection, lambda: self.background.start(self.call(*others)))


class Change(HookCall, frozen=True):
    """A hook that returns the values that it changes, or None."""

    async def __call__(self, *arguments: object) -> Values:
        """Returns an empty mapping for None. Raises what `run` raises."""
        found = await self.run(*arguments)
        if found is None:
            return {}
        if not isinstance(found, Mapping):
            raise self.fail(f"returned {type(found).__name__}, not a mapping or None")
        return found


def is_async(function: Function) -> bool:
    """Whether a call of the function returns a coroutine."""
    call = getattr(function, "__call__", None)  # noqa: B004 - of an object
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)


def _is_of_sqlite(argument: object) -> bool:
    return isinstance(argument, AsyncConnection) and argument.dialect.name == "sqlite"


def _is_of_store(fault: Exception) -> bool:
    """Whether it may be an outage, which becomes 503 where the transaction ends."""
    return isinstance(fault, OperationalError | InterfaceError) and not is_refused_value(fault)


def _is_being_cancelled() -> bool:
    """Whether the request ends, rather than some task of the function for which it waited."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


async def _run_in_thread(
    threads: Executor, function: Function, arguments: tuple[object, ...]
) -> object:
    """Runs a plain function. It gets a `HookConnection` in place of an `AsyncConnection`."""
    connection = next((each for each in arguments if isinstance(each, AsyncConnection)), None)
    served = None if connection is None else HookConnection()
    passed = [served if each is connection and served else each for each in arguments]
    work = asyncio.get_running_loop().run_in_executor(
        threads, copy_context().run, _call, function, passed
    )
    try:
        if connection is not None and served is not None:
            await served.serve(connection, work)
        return await work
    finally:
        work.cancel()  # nobody waits for it any more, if it has not begun


def _call(function: Function, arguments: list[object]) -> object:
    try:
        return function(*arguments)
    except StopIteration as fault:  # a future cannot carry it
        raise RuntimeError("StopIteration left the function") from fault
