"""Hot reads on PostgreSQL: SQLAlchemy writes a statement once, asyncpg alone runs it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import asyncpg
from sqlalchemy import Dialect, Executable

from app.plans import AnyRow, Plans

Connect = Callable[[], Awaitable["asyncpg.Connection[asyncpg.Record]"]]

CONNECTIONS: Final = 6
QUEUE_SECONDS: Final = 5


class HotReads:
    """Connections of its own, that answer one statement after another and nothing else.

    Raises what asyncpg raises, and TimeoutError.
    """

    def __init__(self, dialect: Dialect, connect: Connect) -> None:
        async def connected(*_: object, **__: object) -> "asyncpg.Connection[asyncpg.Record]":
            return await connect()

        self._pool = asyncpg.create_pool(
            min_size=0, max_size=CONNECTIONS, connect=connected, reset=_leave
        )
        self._plans = Plans(dialect)

    async def read_one(
        self, statement: Executable, parameters: Mapping[str, object]
    ) -> AnyRow | None:
        """The first row; `statement` must be a SELECT that is kept: see `Plans`."""
        plan = self._plans.of(statement)
        await self._pool
        async with self._pool.acquire(timeout=QUEUE_SECONDS) as connection:
            record = await connection.fetchrow(plan.sql, *plan.arguments(parameters))
        return None if record is None else plan.row(tuple(record.values()))

    async def close(self) -> None:
        """Ends the connections."""
        await self._pool
        await self._pool.close()


async def _leave(_: object) -> None:
    """A read leaves nothing behind, and resetting a connection would be a round trip."""
