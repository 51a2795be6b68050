"""Joins all steps of a transaction into one statement, so that it takes one round trip.

Common table expressions: a query for each check, one that has a row if all of them pass, and an
INSERT for each row that selects from it. PostgreSQL runs a single statement as a transaction.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from sqlalchemy import (
    CTE,
    BindParameter,
    Dialect,
    FromClause,
    Insert,
    Select,
    bindparam,
    exists,
    literal_column,
    select,
    true,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.visitors import replacement_traverse

from ...bridge.postgres_engine import Connect
from ..compiled import CompiledStatement, StoredRow, compile_statement
from ..pool_use import PoolUse
from ..steps import AnySelect, Check, Row
from .statement_connections import StatementConnections

CONNECTIONS: Final = 2

_Kind = tuple[AnySelect | Insert, tuple[str, ...], bool]  # what a step is without its values


class JoinedWrites:
    """Writes on connections of its own, which only run single statements."""

    def __init__(self, dialect: Dialect, connect: Connect) -> None:
        self._dialect = dialect
        self._connections = StatementConnections(connect, size=CONNECTIONS, queue_seconds=0)
        self._use = PoolUse("main", CONNECTIONS)
        self._find = lru_cache(maxsize=100)(self._compile)

    @property
    def is_busy(self) -> bool:
        """Whether all its connections are in use."""
        return self._connections.are_in_use

    async def write(self, steps: Sequence[Check | Row]) -> StoredRow:
        """Writes all, if no check fails. Not while it is busy.

        Returns what `take_row` takes. Where this raises, nothing was written or nobody knows.
        """
        values = [_get_values(step) for step in steps]
        compiled = self._find(tuple(map(_describe, steps, values)))
        named = {_name(key, at): own[key] for at, own in enumerate(values) for key in own}
        arguments = compiled.make_arguments(named)
        async with self._use.watch(self._connections.reserve()) as connection:
            found = await connection.fetchrow(compiled.sql, *arguments)
        return StoredRow(tuple(found), compiled.make_row)

    async def close(self) -> None:
        """Closes the connections."""
        await self._connections.close()

    def _compile(self, kinds: tuple[_Kind, ...]) -> CompiledStatement:
        return compile_statement(join_steps(kinds), self._dialect)


def join_steps(kinds: Sequence[_Kind]) -> AnySelect:
    """Returns the joined statement. Its parameters are called `_name(key, position)`."""
    passes: list[ColumnElement[bool]] = []
    for at, (statement, keys, unless) in enumerate(kinds):
        if not isinstance(statement, Insert):
            found = exists().select_from(_rename_keys(statement, keys, at).cte(f"check_{at}"))
            passes.append(~found if unless else found)
    passed = select(literal_column("1")).where(*passes).cte("passed")
    rows = [
        _insert_selected(statement, keys, at, passed).cte(f"row_{at}")
        for at, (statement, keys, _) in enumerate(kinds)
        if isinstance(statement, Insert)
    ]
    start: FromClause = select(literal_column("1").label("one")).subquery("start")
    for row in rows:  # that a check refuses is none
        start = start.outerjoin(row, true()) if row.c else start
    returned = [column for row in rows for column in row.c]
    return select(*passes, *returned).select_from(start).add_cte(*rows)


def take_row(steps: Sequence[Check | Row], stored: StoredRow) -> None:
    """Takes the row that the joined statement returned. Raises the refusal of a check."""
    row: Sequence[object] = stored.convert()
    checks = [step for step in steps if isinstance(step, Check)]
    for check, has_passed in zip(checks, row, strict=False):
        if not has_passed:
            raise check.refusal
    at = len(checks)
    for step in steps:
        if isinstance(step, Row):
            width = len(step.statement.exported_columns)
            if step.receive is not None:
                step.receive(row[at : at + width])
            at += width


def _insert_selected(statement: Insert, keys: Sequence[str], at: int, passed: CTE) -> Insert:
    columns = statement.table.c
    values = [bindparam(_name(key, at), type_=columns[key].type) for key in keys]
    return statement.from_select(keys, select(*values).select_from(passed), include_defaults=False)


def _rename_keys(statement: AnySelect, keys: Sequence[str], at: int) -> AnySelect:
    def rename(element: object, **_: object) -> ColumnElement[object] | None:
        if isinstance(element, BindParameter) and element.key in keys:
            return bindparam(_name(element.key, at), type_=element.type)
        return None

    numbered = replacement_traverse(statement, {}, rename)
    assert isinstance(numbered, Select)
    return numbered


def _name(key: str, at: int) -> str:
    return f"{key}_{at}"


def _get_values(step: Check | Row) -> Mapping[str, object]:
    return step.parameters if isinstance(step, Check) else step.values


def _describe(step: Check | Row, values: Mapping[str, object]) -> _Kind:
    return step.statement, tuple(values), isinstance(step, Check) and step.unless
