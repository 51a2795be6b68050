"""Hot reads on PostgreSQL: SQLAlchemy writes a statement once, asyncpg alone runs it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy import Dialect, Executable, Row
from sqlalchemy.engine import result_tuple
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

AnyRow = Row[*tuple[Any, ...]]
Connect = Callable[[], Awaitable["asyncpg.Connection[asyncpg.Record]"]]
Convert = Callable[[Any], Any]

CONNECTIONS: Final = 6
QUEUE_SECONDS: Final = 5


class _Plan(NamedTuple):
    """A statement as asyncpg runs it, and what makes of its values what SQLAlchemy would."""

    sql: str
    inputs: Sequence[tuple[str, Convert | None]]
    constants: Mapping[str, object]
    outputs: Sequence[Convert | None]
    row_of: Callable[[Sequence[object]], AnyRow]

    def arguments(self, given: Mapping[str, object]) -> list[object]:
        known = {**self.constants, **given}
        return [_converted(known[name], convert) for name, convert in self.inputs]

    def row(self, record: asyncpg.Record) -> AnyRow:
        return self.row_of(list(map(_converted, record.values(), self.outputs)))


class HotReads:
    """Connections of its own, that answer one statement after another and nothing else.

    Raises what asyncpg raises, and TimeoutError.
    """

    def __init__(self, dialect: Dialect, connect: Connect) -> None:
        async def connected(*_: object, **__: object) -> "asyncpg.Connection[asyncpg.Record]":
            return await connect()

        self._dialect = dialect
        self._pool = asyncpg.create_pool(
            min_size=0, max_size=CONNECTIONS, connect=connected, reset=_leave
        )
        self._plans: WeakKeyDictionary[Executable, _Plan] = WeakKeyDictionary()

    async def read_one(
        self, statement: Executable, parameters: Mapping[str, object]
    ) -> AnyRow | None:
        """The first row; `statement` must be one that is kept, since its plan is kept with it."""
        plan = self._plans.get(statement)
        if plan is None:
            plan = self._plans[statement] = _planned(statement, self._dialect)
        await self._pool
        async with self._pool.acquire(timeout=QUEUE_SECONDS) as connection:
            record = await connection.fetchrow(plan.sql, *plan.arguments(parameters))
        return None if record is None else plan.row(record)

    async def close(self) -> None:
        """Ends the connections."""
        await self._pool
        await self._pool.close()


def _planned(statement: Executable, dialect: Dialect) -> _Plan:
    assert isinstance(statement, ClauseElement)
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    inputs = [(name, compiled.binds[name].type) for name in compiled.positiontup or ()]
    columns = compiled._result_columns  # noqa: SLF001  # nothing public names their types
    return _Plan(
        str(compiled),
        [(name, kind.dialect_impl(dialect).bind_processor(dialect)) for name, kind in inputs],
        {n: bind.effective_value for n, bind in compiled.binds.items() if not bind.required},
        [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns],
        result_tuple([column.keyname for column in columns]),
    )


def _converted(value: object, convert: Convert | None) -> object:
    return value if convert is None else convert(value)


async def _leave(_: object) -> None:
    """A read leaves nothing behind, and resetting a connection would be a round trip."""
