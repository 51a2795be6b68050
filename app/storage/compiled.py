"""Statements that SQLAlchemy compiles once, and the driver then runs directly."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Executable, Row
from sqlalchemy.engine import result_tuple
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

AnyRow = Row[*tuple[Any, ...]]
Convert = Callable[[Any], Any]


class Plan(NamedTuple):
    """A compiled statement, with the conversions that SQLAlchemy would do.

    `converted`: the positions of the columns whose values must be converted.
    """

    sql: str
    inputs: Sequence[tuple[str, Convert | None]]
    constants: Mapping[str, object]
    converted: Sequence[tuple[int, Convert]]
    row_of: Callable[[Sequence[object]], AnyRow]

    def arguments(self, given: Mapping[str, object]) -> list[object]:
        """Returns the arguments for the driver, by position."""
        known = {**self.constants, **given}
        return [
            known[name] if convert is None else convert(known[name])
            for name, convert in self.inputs
        ]

    def row(self, found: Sequence[object]) -> AnyRow:
        """Returns the row of the driver's values."""
        values = list(found)
        for at, convert in self.converted:
            values[at] = convert(values[at])
        return self.row_of(values)


class Plans:
    """The compiled statements of one dialect. Each lives as long as its statement."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._made: WeakKeyDictionary[Executable, Plan] = WeakKeyDictionary()

    def of(self, statement: Executable) -> Plan:
        """Returns the compiled form of a SELECT. A text statement has no types."""
        plan = self._made.get(statement)
        if plan is None:
            plan = self._made[statement] = planned(statement, self._dialect)
        return plan


def planned(statement: Executable, dialect: Dialect) -> Plan:
    """Compiles a SELECT. `Plans` keeps the result for repeated reads."""
    assert isinstance(statement, ClauseElement)
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    inputs = [(name, compiled.binds[name].type) for name in compiled.positiontup or ()]
    columns = compiled._result_columns  # noqa: SLF001  # nothing public names their types
    kinds = [column.type.dialect_impl(dialect) for column in columns]
    outputs = [kind.result_processor(dialect, None) for kind in kinds]
    return Plan(
        str(compiled),
        [(name, kind.dialect_impl(dialect).bind_processor(dialect)) for name, kind in inputs],
        {n: bind.effective_value for n, bind in compiled.binds.items() if not bind.required},
        [(at, convert) for at, convert in enumerate(outputs) if convert is not None],
        result_tuple([column.keyname for column in columns]),
    )
