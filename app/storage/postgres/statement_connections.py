"""Connections that run single statements, one at a time each.

The checkout of asyncpg's pool costs more than a small read itself: a timer, a task and a proxy for
each. Here it is a list, because such statements leave no state behind.
"""

import asyncio
from contextlib import AbstractAsyncContextManager, suppress
from typing import Final

import asyncpg

from ...bridge.postgres_engine import Connect
from ...bridge.postgres_hosts import Connection

IDLE_SECONDS: Final = 300.0  # after which a firewall may have forgotten a connection
CLOSE_SECONDS: Final = 5.0
# After these the connection waits for the next statement; after others, such as a timeout, not.
_HARMLESS: Final = (asyncpg.PostgresError, ValueError)


class StatementConnections:
    """At most `size` connections, which `connect` opens when they are needed.

    If all of them are in use, a caller waits for `queue_seconds`.
    """

    def __init__(self, connect: Connect, *, size: int, queue_seconds: float) -> None:
        self._connect = connect
        self._queue_seconds = queue_seconds
        self._places = asyncio.Semaphore(size)
        self._idle: list[tuple[Connection, float]] = []  # since when, in this order
        self._is_closed = False
        self._closing: set[asyncio.Task[None]] = set()  # the event loop itself would let them go

    @property
    def are_in_use(self) -> bool:
        """Whether a caller would have to wait."""
        return self._places.locked()

    def reserve(self) -> AbstractAsyncContextManager[Connection]:
        """Returns a block that has a connection. Raises TimeoutError, and what `connect` raises."""
        return _Reserved(self)

    async def take(self) -> Connection:
        """Returns a connection, which must be given back."""
        if self._places.locked():
            async with asyncio.timeout(self._queue_seconds):
                await self._places.acquire()
        else:
            await self._places.acquire()
        try:
            return self._find_idle() or await self._connect()
        except BaseException:
            self._places.release()
            raise

    def give_back(self, connection: Connection, error: BaseException | None) -> None:
        """Takes a connection back, after what a statement raised, or None."""
        if not self._is_closed and (error is None or isinstance(error, _HARMLESS)):
            self._idle.append((connection, asyncio.get_running_loop().time()))
            self._places.release()
            return
        task = asyncio.create_task(self._discard(connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Closes the idle connections now, and others when they are given back."""
        self._is_closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*self._closing, *(_close(connection) for connection, _ in idle))

    async def _discard(self, connection: Connection) -> None:
        try:
            await _close(connection)
        finally:
            self._places.release()

    def _find_idle(self) -> "Connection | None":
        """Returns the connection that was used last. Those that a burst has left are closed."""
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._idle and self._idle[0][1] <= oldest:
            self._idle.pop(0)[0].terminate()
        while self._idle:
            connection, _ = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None


class _Reserved(AbstractAsyncContextManager[Connection]):
    """See `StatementConnections.reserve`."""

    def __init__(self, connections: StatementConnections) -> None:
        self._connections = connections

    async def __aenter__(self) -> Connection:
        self._connection = await self._connections.take()
        return self._connection

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._connections.give_back(self._connection, error)


async def _close(connection: Connection) -> None:
    """Closes a connection. The server also ends the statement that it may still run for it."""
    with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        await connection.close(timeout=CLOSE_SECONDS)
