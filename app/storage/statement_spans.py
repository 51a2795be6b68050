"""Spans of SQL statements: operation and table, never a value.

Names of the attributes: OpenTelemetry's semantic conventions for databases.
"""

import re
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Final, Literal

from sqlalchemy import Connection, Engine, ExceptionContext, event
from sqlalchemy.ext.asyncio import AsyncEngine

from ..models.telemetry.spans import (
    Attributes,
    Span,
    SpanRecorder,
    find_span_recorder,
    measure,
)

_OPERATION: Final = re.compile(r"\s*(\w+)")
_TABLE: Final = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+((?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)')
_SPAN: Final = "span"  # in `Connection.info`


class StatementSpans:
    """Makes a span for each statement of one database."""

    def __init__(self, recorder: SpanRecorder, system: Literal["sqlite", "postgresql"]) -> None:
        self._recorder = recorder
        self._system = system

    def observe(self, engine: Engine) -> None:
        """Makes spans for the statements of this engine, from now on."""
        event.listen(engine, "before_cursor_execute", self._start)
        event.listen(engine, "after_cursor_execute", self._end)
        event.listen(engine, "handle_error", self._fail)

    def measure(self, sql: str) -> AbstractContextManager[None]:
        """Returns a block that runs this statement."""
        name, attributes = describe_statement(sql, self._system)
        return measure(self._recorder, name, attributes)

    def measure_transaction(self) -> AbstractContextManager[None]:
        """Returns a block that is a transaction."""
        return measure(self._recorder, "transaction", {"db.system.name": self._system})

    def _start(self, connection: Connection, _cursor: object, sql: str, *_: object) -> None:
        name, attributes = describe_statement(sql, self._system)
        connection.info[_SPAN] = self._recorder.start(name, attributes)

    def _end(self, connection: Connection, *_: object) -> None:
        self._take(connection, None)

    def _fail(self, context: ExceptionContext) -> None:
        if context.connection is not None and not context.connection.invalidated:
            self._take(context.connection, context.original_exception)

    def _take(self, connection: Connection, fault: BaseException | None) -> None:
        span: Span | None = connection.info.pop(_SPAN, None)
        if span is not None:
            span.end(fault)


def find_statement_spans(system: Literal["sqlite", "postgresql"]) -> StatementSpans | None:
    """Returns None while traces are off."""
    recorder = find_span_recorder()
    return None if recorder is None else StatementSpans(recorder, system)


def observe_statements(spans: StatementSpans | None, *engines: AsyncEngine) -> None:
    """Makes spans for the statements of these engines, unless traces are off."""
    if spans is not None:
        for engine in engines:
            spans.observe(engine.sync_engine)


def measure_transaction(spans: StatementSpans | None) -> AbstractContextManager[None]:
    """Returns a block that is a transaction. What follows its last statement is the commit."""
    return nullcontext() if spans is None else spans.measure_transaction()


@lru_cache(maxsize=512)
def describe_statement(sql: str, system: str) -> tuple[str, Attributes]:
    """Returns the name and the attributes of its span."""
    operation, table = _OPERATION.match(sql), _TABLE.search(sql)
    verb = "SQL" if operation is None else operation[1].upper()
    attributes = {"db.system.name": system, "db.operation.name": verb}
    if table is None:
        return verb, attributes
    name = table[1].replace('"', "")
    return f"{verb} {name}", {**attributes, "db.collection.name": name}
