"""Follows the primary when it moves to another server."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final
from weakref import WeakSet

import asyncpg

from ...bridge.postgres_hosts import Connection
from ...models.errors import StoreUnavailable

PAUSE: Final = 2.0  # seconds between two questions
TIMEOUT: Final = 2.0  # seconds that the primary has to answer one
_QUESTION: Final = "SELECT current_setting('transaction_read_only') = 'off'"


class PrimaryWatch:
    """Closes connections to a server that is not the primary any more.

    A primary whose machine hangs, or that cannot be reached, closes no connection: each statement
    would wait for its timeout. So one more connection asks the primary whether it is one. If it
    does not answer, or says no, `connect` looks for another; as soon as there is one, connections
    to all other servers are closed.
    """

    def __init__(self, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._connect = connect
        self._opened: WeakSet[Connection] = WeakSet()
        self._own: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    def add(self, connection: Connection) -> None:
        """Watches over a connection. The first one starts the watch."""
        self._opened.add(connection)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Ends the watch."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._drop()

    async def _run(self) -> None:
        while True:
            with suppress(StoreUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await self._look()
            await asyncio.sleep(PAUSE)

    async def _look(self) -> None:
        if self._own is not None and not await _is_primary(self._own):
            self._drop()
        if self._own is None:
            self._own = await self._connect()
            server = self._own.server
            for each in list(self._opened):
                if each.server != server:
                    each.terminate()

    def _drop(self) -> None:
        if self._own is not None:
            self._own.terminate()
            self._own = None


async def _is_primary(connection: Connection) -> bool:
    try:
        async with asyncio.timeout(TIMEOUT):
            return bool(await connection.fetchval(_QUESTION))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
