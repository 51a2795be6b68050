"""The types of columns on SQLite and PostgreSQL, and how their values are read and stored."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    Text,
    case,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from . import clock
from .additional_fields import Kind

T = TypeVar("T")

# The type that Better Auth's own migration declares for each kind of value, by dialect.
TYPE_NAMES: Final[Mapping[str, Mapping[Kind, str]]] = {
    "sqlite": {
        "string": "text",
        "number": "integer",
        "bigint": "bigint",
        "boolean": "integer",
        "date": "date",
        "json": "text",
        "list": "text",
    },
    "postgresql": {
        "string": "text",
        "number": "integer",
        "bigint": "bigint",
        "boolean": "boolean",
        "date": "timestamptz",
        "json": "jsonb",
        "list": "jsonb",
    },
}
_WIRE_LENGTH: Final = len("2026-11-21T00:44:05.831Z")
_LONG_AGO: Final = "1970-01-01T00:00:00.000Z"
_FIRST: Final = literal_column("timestamptz '0001-01-01 00:00:00+00'", DateTime)
_LAST: Final = literal_column("timestamptz '9999-12-31 23:59:59.999+00'", DateTime)
_log = logging.getLogger("app.models")
_logged: Final[set[tuple[str, str]]] = set()


AnyColumnType = TypeEngine[Any]


class DeclaredType(UserDefinedType[Any]):
    """A type by its name alone: the values go to the driver and come from it unchanged."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        """Returns the name for CREATE TABLE and CAST."""
        return self.name


class TimestampType(TypeDecorator[str]):
    """A timestamp column; its values have the wire form of `clock`.

    It is text on SQLite and `timestamptz` on PostgreSQL. Other ISO forms are normalized when they
    are read. A value in SQLite that is not a time is read as 1970, so that an unreadable expiry is
    in the past. A time in PostgreSQL outside of the years 1 to 9999 is read as the nearest time in
    them.
    """

    impl = Text
    cache_ok = True

    def __init__(self, table: str, column: str) -> None:
        """Stores table and column for the log line."""
        super().__init__()
        self.table = table
        self.column = column

    def load_dialect_impl(self, dialect: Dialect) -> AnyColumnType:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(DeclaredType(TYPE_NAMES["sqlite"]["date"]))

    def column_expression(self, column: ColumnElement[str]) -> ColumnElement[str]:
        is_timestamptz = isinstance(self.impl_instance, DateTime)
        return select_readable(column) if is_timestamptz else column

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | datetime | None:
        if value is None or dialect.name != "postgresql":
            return value
        return clock.from_iso(value)

    def process_result_value(self, value: str | datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return clock.to_iso(value)
        try:
            if len(value) == _WIRE_LENGTH and value[10] == "T" and value[-1] == "Z":
                datetime.fromisoformat(value)
                return value
            return clock.to_iso(clock.from_iso(value))
        except (TypeError, ValueError):
            self._log_unreadable()
            return _LONG_AGO

    def _log_unreadable(self) -> None:
        """Logs once for each column; the logged query finds all such rows."""
        place = self.table, self.column
        if place not in _logged:
            _logged.add(place)
            _log.error(
                'column "%s" of "%s" has values that are no timestamps; they count as 1970, and an'
                " expiry as past: repair the rows, find them with: %s",
                self.column,
                self.table,
                f'SELECT id, "{self.column}" FROM "{self.table}"'  # noqa: S608  # names of ours
                f' WHERE datetime("{self.column}") IS NULL AND "{self.column}" IS NOT NULL',
            )


class BooleanType(TypeDecorator[bool]):
    """A bool: `integer` on SQLite, `boolean` on PostgreSQL."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> AnyColumnType:
        kind = Boolean if dialect.name == "postgresql" else Integer
        return dialect.type_descriptor(kind())

    def process_result_value(self, value: object, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


def get_kind(column_type: AnyColumnType) -> Kind:
    """Returns the kind of value that a column of Better Auth's tables has."""
    if isinstance(column_type, TimestampType):
        return "date"
    if isinstance(column_type, BooleanType):
        return "boolean"
    if isinstance(column_type, BigInteger):
        return "bigint"
    return "number" if isinstance(column_type, Integer) else "string"


def select_readable(column: ColumnElement[T]) -> ColumnElement[T]:
    """Returns an expression that replaces times the driver cannot read by the nearest it can.

    `timestamptz` also has times before year 1 and after year 9999, and infinite ones.
    """
    nearest = case((column > _LAST, _LAST), (column < _FIRST, _FIRST), else_=column)
    return type_coerce(nearest, column.type)
