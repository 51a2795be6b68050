"""Runs all steps of a transaction in one visit to the thread of its connection."""

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Dialect, Insert

from ..compiled import CompiledStatement, StatementCompiler, compile_statement
from ..steps import Check, Row
from .thread import begin_writing

_Row = Sequence[object] | None


class JoinedStatement(NamedTuple):
    """A step, compiled."""

    step: Check | Row
    compiled: CompiledStatement
    arguments: Sequence[object]

    def run(self, cursor: sqlite3.Cursor) -> _Row:
        """Returns the first row of the result. Raises the refusal of a check."""
        rows: Sequence[_Row] = cursor.execute(self.compiled.sql, self.arguments).fetchall()
        row = rows[0] if rows else None
        if isinstance(self.step, Check):
            self.step.judge(row)
        return row

    def receive(self, row: _Row) -> None:
        """Hands over the row that was stored. After the commit: a row that is undone is none."""
        if isinstance(self.step, Row) and self.step.receive is not None and row is not None:
            self.step.receive(self.compiled.make_row(row))


class JoinedSteps:
    """Compiles steps for the driver."""

    def __init__(self, dialect: Dialect) -> None:
        self._selects = StatementCompiler(dialect)
        self._dialect = dialect
        self._find_insert = lru_cache(maxsize=100)(self._compile_insert)

    def compile(self, steps: Sequence[Check | Row]) -> list[JoinedStatement]:
        """Returns what `run_statements` takes."""
        return [self._compile_step(step) for step in steps]

    def _compile_step(self, step: Check | Row) -> JoinedStatement:
        if isinstance(step, Check):
            compiled, values = self._selects.compile(step.statement), step.parameters
        else:
            compiled = self._find_insert(step.statement, tuple(step.values))
            values = step.values
        return JoinedStatement(step, compiled, compiled.make_arguments(values))

    def _compile_insert(self, statement: Insert, columns: Sequence[str]) -> CompiledStatement:
        return compile_statement(statement, self._dialect, columns)


def run_statements(
    connection: sqlite3.Connection, statements: Sequence[JoinedStatement]
) -> list[_Row]:
    """Runs a transaction and returns the first row of each statement.

    It is for the thread of the connection that writes. Raises the refusal of a check, and errors of
    SQLite.
    """
    begin_writing(connection)
    cursor = connection.cursor()
    try:
        rows = [statement.run(cursor) for statement in statements]
        cursor.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    finally:
        cursor.close()
    return rows
