"""The one connection of a process that writes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from . import engines
from .thread import ThreadConnection


class KeptWriter:
    """Runs one transaction after the other, in order of arrival.

    It keeps its connection: to take it from SQLAlchemy's pool and to give it back costs as much as
    a statement. After a transaction that failed the pool says whether it is still good.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        """`engine` has one connection."""
        self._engine = engine
        # Not a Lock: that one is not locked while it passes to the next who waits.
        self._turn = asyncio.Semaphore(1)
        self._kept: AsyncConnection | None = None
        # Closed, for who uses a transaction after its end: another's may be on the connection.
        self._ended: Connection | None = None
        self._is_closed = False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction. Raises SQLAlchemy's TimeoutError if others write for too long."""
        async with self._take_turn() as kept:
            tx = AsyncConnection(self._engine, kept)
            options = kept.get_execution_options()
            try:
                async with tx.begin():
                    yield tx
                if kept.get_execution_options() is not options:  # for this transaction alone
                    await self._give_back()
            except BaseException:
                await self._give_back()
                raise
            finally:
                tx.sync_connection = self._ended

    @asynccontextmanager
    async def reserve(self) -> AsyncIterator[ThreadConnection]:
        """The driver's connection. It is left without a transaction. Raises the same."""
        async with self._take_turn() as kept:
            driver = kept.connection.driver_connection
            assert isinstance(driver, ThreadConnection)
            yield driver

    async def close(self) -> None:
        """Closes the connection now, or at the end of the transaction that uses it."""
        self._is_closed = True
        if not self._turn.locked():
            await self._give_back()
            await self._engine.dispose()

    @asynccontextmanager
    async def _take_turn(self) -> AsyncIterator[Connection]:
        await self._wait_for_turn()
        try:
            yield await self._connect()
        finally:
            self._turn.release()
            if self._is_closed:
                await self.close()

    async def _connect(self) -> Connection:
        if self._ended is None:
            async with self._engine.connect() as ended:
                pass
            self._ended = ended.sync_connection
        if self._kept is None:
            self._kept = await self._engine.connect()
        assert self._kept.sync_connection is not None
        return self._kept.sync_connection

    async def _wait_for_turn(self) -> None:
        if not self._turn.locked():
            await self._turn.acquire()
            return
        try:
            async with asyncio.timeout(engines.QUEUE_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            raise PoolTimeoutError("others write for too long") from None

    async def _give_back(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            await asyncio.shield(kept.close())
