"""The connection of a transaction, for a hook that runs in a thread."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Final

from msgspec import Struct, field
from sqlalchemy import CursorResult, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

Parameters = Mapping[str, object] | Sequence[Mapping[str, object]]
Rows = CursorResult[Any]

_OVER: Final = "the transaction of this hook is over: the request was cancelled, or the hook ended"
_NOT_PLAIN: Final = "the hook is a plain function that returns a coroutine: write it as async def"


class _Asked(Struct):
    """A statement that a thread waits for."""

    statement: Executable
    parameters: Parameters | None
    rows: Future[Rows] = field(default_factory=Future)


class HookConnection:
    """Executes statements in the transaction that the hook belongs to.

    A hook that is a plain function gets it in place of SQLAlchemy's `AsyncConnection`. Only the
    thread of the hook may use it, and only until the hook returns.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._asked: asyncio.Queue[_Asked | None] = asyncio.Queue()
        self._is_over = False

    def execute(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        """Returns the rows of a statement, all of them read.

        Raises what SQLAlchemy raises, and RuntimeError after the end of the transaction, and in a
        coroutine that the hook returned: it would wait for the event loop in the event loop.
        """
        if threading.get_ident() == self._loop_thread:
            raise RuntimeError(_NOT_PLAIN)
        asked = _Asked(statement, parameters)
        self._loop.call_soon_threadsafe(self._receive, asked)
        return asked.rows.result()

    async def serve(self, connection: AsyncConnection, hook: asyncio.Future[object]) -> None:
        """Executes what the thread asks for, in the task of the request, until `hook` is done.

        If the task is cancelled, no statement of the thread comes through any more.
        """
        hook.add_done_callback(lambda _: self._asked.put_nowait(None))
        try:
            while (asked := await self._asked.get()) is not None:
                await _execute(connection, asked)
        finally:
            self._is_over = True
            while not self._asked.empty():
                _refuse(self._asked.get_nowait())

    def _receive(self, asked: _Asked) -> None:
        if self._is_over:
            _refuse(asked)
        else:
            self._asked.put_nowait(asked)


async def _execute(connection: AsyncConnection, asked: _Asked) -> None:
    try:
        rows = await connection.execute(asked.statement, asked.parameters)
    except Exception as fault:  # noqa: BLE001  # the thread raises it
        asked.rows.set_exception(fault)
    except BaseException:
        _refuse(asked)
        raise
    else:
        asked.rows.set_result(rows)


def _refuse(asked: _Asked | None) -> None:
    if asked is not None:
        asked.rows.set_exception(RuntimeError(_OVER))
