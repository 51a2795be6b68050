"""Statements that SQLAlchemy writes once, so that a driver alone can run them again and again."""

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
    """A statement as the driver runs it, and what makes of its values what SQLAlchemy would.

    `converted` are the places of the columns whose values are not what the driver gives.
    """

    sql: str
    inputs: Sequence[tuple[str, Convert | None]]
    constants: Mapping[str, object]
    converted: Sequence[tuple[int, Convert]]
    row_of: Callable[[Sequence[object]], AnyRow]

    def arguments(self, given: Mapping[str, object]) -> list[object]:
        """By position, what the driver takes."""
        known = {**self.constants, **given}
        return [
            known[name] if convert is None else convert(known[name])
            for name, convert in self.inputs
        ]

    def row(self, found: Sequence[object]) -> AnyRow:
        """Of the values that the driver found."""
        values = list(found)
        for at, convert in self.converted:
            values[at] = convert(values[at])
        return self.row_of(values)


class Plans:
    """Those of one dialect; each is kept as long as its statement, so keep the statement."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._made: WeakKeyDictionary[Executable, Plan] = WeakKeyDictionary()

    def of(self, statement: Executable) -> Plan:
        """Of a SELECT: a text tells no types."""
        plan = self._made.get(statement)
        if plan is None:
            plan = self._made[statement] = planned(statement, self._dialect)
        return plan


def planned(statement: Executable, dialect: Dialect) -> Plan:
    """The plan of a SELECT, made anew; `Plans` keeps what is read again and again."""
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
