"""Statements that SQLAlchemy compiles once, and the driver then runs directly."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Executable, Row
from sqlalchemy.engine import result_tuple
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

AnyRow = Row[*tuple[Any, ...]]
Convert = Callable[[object], object]


class CompiledStatement(NamedTuple):
    """A compiled statement, with the conversions that SQLAlchemy would do.

    `converted`: the positions of the columns whose values must be converted.
    """

    sql: str
    inputs: Sequence[tuple[str, Convert | None]]
    constants: Mapping[str, object]
    converted: Sequence[tuple[int, Convert]]
    row_factory: Callable[[Sequence[object]], AnyRow]

    def make_arguments(self, parameters: Mapping[str, object]) -> list[object]:
        """Returns the arguments for the driver, by position."""
        known = {**self.constants, **parameters}
        return [
            known[name] if convert is None else convert(known[name])
            for name, convert in self.inputs
        ]

    def make_row(self, values: Sequence[object]) -> AnyRow:
        """Returns the row that SQLAlchemy would make of the driver's values."""
        converted = list(values)
        for at, convert in self.converted:
            converted[at] = convert(converted[at])
        return self.row_factory(converted)


class StoredRow(NamedTuple):
    """A row with the values of the driver, which stay equal as long as the row does not change."""

    values: tuple[object, ...]
    make_row: Callable[[Sequence[object]], AnyRow]

    def convert(self) -> AnyRow:
        """Returns the row with the values of the columns' types."""
        return self.make_row(self.values)

    @classmethod
    def wrap(cls, row: AnyRow) -> Self:
        """Returns a row that SQLAlchemy read."""
        return cls(tuple(row), lambda _: row)


class StatementCompiler:
    """Compiles the SELECTs of one dialect. A result is kept as long as its statement."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled: WeakKeyDictionary[Executable, CompiledStatement] = WeakKeyDictionary()

    def compile(self, statement: Executable) -> CompiledStatement:
        """Returns the compiled form of a SELECT. A text statement has no types."""
        compiled = self._compiled.get(statement)
        if compiled is None:
            compiled = self._compiled[statement] = compile_statement(statement, self._dialect)
        return compiled


def compile_statement(
    statement: Executable, dialect: Dialect, keys: Sequence[str] | None = None
) -> CompiledStatement:
    """Compiles a SELECT, or an INSERT of the columns `keys`. Keep the result."""
    assert isinstance(statement, ClauseElement)
    compiled = statement.compile(dialect=dialect, column_keys=keys)
    assert isinstance(compiled, SQLCompiler)
    inputs = [(name, compiled.binds[name].type) for name in compiled.positiontup or ()]
    columns = compiled._result_columns  # noqa: SLF001  # nothing public names their types
    kinds = [column.type.dialect_impl(dialect) for column in columns]
    outputs = [kind.result_processor(dialect, None) for kind in kinds]
    return CompiledStatement(
        str(compiled),
        [(name, kind.dialect_impl(dialect).bind_processor(dialect)) for name, kind in inputs],
        {n: bind.effective_value for n, bind in compiled.binds.items() if not bind.required},
        [(at, convert) for at, convert in enumerate(outputs) if convert is not None],
        result_tuple([column.keyname for column in columns]),
    )
