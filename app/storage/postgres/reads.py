"""Hot reads on PostgreSQL: SQLAlchemy compiles a statement once, asyncpg runs it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy import Dialect, Executable, Select

from ...models.errors import StoreUnavailable
from ..compiled import AnyRow, Plan, Plans, planned
from .batching import FailedTogether, Lookups
from .many import AnySelect, many

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Connect = Callable[[], Awaitable[Connection]]

CONNECTIONS: Final = 6
QUEUE_SECONDS: Final = 5


class HotReads:
    """Uses its own connections, only for single statements.

    Reads with a text parameter that wait at the same time become one statement. Raises the errors
    of asyncpg, StoreUnavailable and TimeoutError.
    """

    def __init__(self, dialect: Dialect, connect: Connect) -> None:
        async def connected(*_: object, **__: object) -> Connection:
            return await connect()

        self._pool = asyncpg.create_pool(
            min_size=0, max_size=CONNECTIONS, connect=connected, init=_ready, reset=_leave
        )
        self._dialect = dialect
        self._plans = Plans(dialect)
        self._lookups: WeakKeyDictionary[Executable, Lookups[AnyRow] | None] = WeakKeyDictionary()

    async def read_one(
        self, statement: Executable, parameters: Mapping[str, object]
    ) -> AnyRow | None:
        """Returns the first row. `statement` must be a SELECT that is kept: see `Plans`."""
        plan = self._plans.of(statement)
        key = _only_text(parameters)
        lookups = None if key is None else self._lookups_of(statement, *parameters)
        if key is None or lookups is None:
            return await self._one(plan, parameters)
        try:
            return await lookups.find(key)
        except FailedTogether as failed:
            if isinstance(failed.fault, TimeoutError | StoreUnavailable):
                raise StoreUnavailable from failed.fault
            return await self._one(plan, parameters)  # it may be another's row that can't be read

    async def close(self) -> None:
        """Closes the connections."""
        await self._pool
        await self._pool.close()

    def _lookups_of(self, statement: Executable, name: str) -> Lookups[AnyRow] | None:
        if statement not in self._lookups:
            assert isinstance(statement, Select)
            self._lookups[statement] = self._made(statement, name)
        return self._lookups[statement]

    def _made(self, statement: AnySelect, name: str) -> Lookups[AnyRow] | None:
        plan, together = self._plans.of(statement), many(statement, name)
        is_text = dict(plan.inputs)[name] is None  # others are converted, which may fail
        if together is None or not is_text:
            return None
        return Lookups(partial(self._all, name, plan, planned(together, self._dialect)))

    async def _all(
        self, name: str, plan: Plan, of_many: Plan, keys: Sequence[str]
    ) -> Sequence[AnyRow | None]:
        if len(keys) == 1:
            return [await self._one(plan, {name: keys[0]})]
        await self._pool
        async with self._pool.acquire(timeout=QUEUE_SECONDS) as connection:
            records = await connection.fetch(of_many.sql, *of_many.arguments({name: keys}))
        found = {record[0]: plan.row(record[1:]) for record in records}
        return [found.get(at) for at in range(1, len(keys) + 1)]

    async def _one(self, plan: Plan, parameters: Mapping[str, object]) -> AnyRow | None:
        await self._pool
        async with self._pool.acquire(timeout=QUEUE_SECONDS) as connection:
            record = await connection.fetchrow(plan.sql, *plan.arguments(parameters))
        return None if record is None else plan.row(tuple(record.values()))


def _only_text(parameters: Mapping[str, object]) -> str | None:
    """Returns the only parameter if every value of it is valid, so no read can break a batch."""
    if len(parameters) != 1:
        return None
    (given,) = parameters.values()
    return given if isinstance(given, str) and given.isascii() and "\0" not in given else None


async def _ready(connection: Connection) -> None:
    """Prepares a connection: these lookups by unique index need only one query plan."""
    with suppress(asyncpg.PostgresError):  # new in PostgreSQL 12, and nothing depends on it
        await connection.execute("SET plan_cache_mode = force_generic_plan")


async def _leave(_: object) -> None:
    """Skips the reset of a connection, which would be a round trip. Reads leave no state."""
