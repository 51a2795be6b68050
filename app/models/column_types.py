"""The types of columns on SQLite and PostgreSQL, and how their values are read and stored."""

import logging
import re
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
    and_,
    case,
    cast,
    func,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from . import clock
from .additional_fields import Kind
from .layout import Form

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
_FIRST: Final = "0001-01-01 00:00:00"
_LAST: Final = "9999-12-31 23:59:59.999"
# The first and the last time that the driver can read, by form.
_LIMITS: Final = {
    form: tuple(literal_column(f"{form} '{time}{zone}'", DateTime) for time in (_FIRST, _LAST))
    for form, zone in (("timestamptz", "+00"), ("timestamp", ""))
}
# An integer of this size or more counts milliseconds, a smaller one seconds.
MILLISECONDS_FROM: Final = 100_000_000_000
_SMALLEST: Final = {"milliseconds": MILLISECONDS_FROM, "seconds": -MILLISECONDS_FROM}
_LATEST_MILLISECONDS: Final = 253_402_300_799_999
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_log = logging.getLogger("better_auth.models")
_logged: Final[set[tuple[str, str]]] = set()


INTEGER_FORMS: Final = ("milliseconds", "seconds")
AnyColumnType = TypeEngine[Any]


class DeclaredType(UserDefinedType[Any]):
    """A type by its name alone: the values go to the driver and come from it unchanged."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        """Returns the name for CREATE TABLE and CAST."""
        return self.name


class UuidText(DeclaredType):
    """PostgreSQL's `uuid`. The driver also takes text for it."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self) -> None:
        super().__init__("uuid")


class TimestampType(TypeDecorator[str]):
    """A timestamp column; its values have the wire form of `clock`.

    PostgreSQL stores a `timestamptz`, or a `timestamp` in UTC. SQLite stores text, or an integer,
    which has no fraction of its unit. What SQLite reads may have any of its forms; a value that is
    no time is read as 1970, so that an unreadable expiry is in the past. A time in PostgreSQL
    outside of the years 1 to 9999 is read as the nearest time in them.
    """

    impl = Text
    cache_ok = True

    def __init__(self, table: str, column: str, form: Form | None = None) -> None:
        """Stores table and column, by their names in the database, for the log line."""
        super().__init__()
        self.table = table
        self.column = column
        self.form = form

    def load_dialect_impl(self, dialect: Dialect) -> AnyColumnType:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=self.form != "timestamp"))
        kind: Kind = "bigint" if self.form in INTEGER_FORMS else "date"
        return dialect.type_descriptor(DeclaredType(TYPE_NAMES["sqlite"][kind]))

    def column_expression(self, column: ColumnElement[str]) -> ColumnElement[str]:
        is_postgres = isinstance(self.impl_instance, DateTime)
        return select_readable(column, self.form) if is_postgres else column

    def process_bind_param(
        self, value: str | None, dialect: Dialect
    ) -> str | int | datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            timestamp = clock.from_iso(value)
            return timestamp.replace(tzinfo=None) if self.form == "timestamp" else timestamp
        return store_in_sqlite(value, self.form)

    def process_result_value(
        self, value: str | float | datetime | None, dialect: Dialect
    ) -> str | None:
        if value is None:
            return None
        try:
            return read_timestamp(value)
        except (TypeError, ValueError, OverflowError):
            self._log_unreadable()
            return _LONG_AGO

    def _log_unreadable(self) -> None:
        """Logs once for each column; the logged query finds all such rows."""
        place = self.table, self.column
        if place not in _logged:
            _logged.add(place)
            name = f'"{self.column}"'
            _log.error(
                'column "%s" of "%s" has values that are no timestamps; they count as 1970, and an'
                " expiry as past: repair the rows, find them with: %s",
                self.column,
                self.table,
                f'SELECT id, {name} FROM "{self.table}"'  # noqa: S608  # names of the schema
                f" WHERE CASE WHEN typeof({name}) IN ('integer', 'real')"
                f" THEN abs({name}) > {_LATEST_MILLISECONDS}"
                f" ELSE {name} IS NOT NULL AND datetime({name}) IS NULL END",
            )


class IdType(TypeDecorator[str]):
    """An id that the database stores as a `uuid`; its values are text.

    A text that is no UUID is sent as NULL, so that it equals no id.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> AnyColumnType:
        return dialect.type_descriptor(UuidText() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name != "postgresql":
            return value
        return value if is_uuid(value) else None

    def process_result_value(self, value: object, dialect: Dialect) -> str | None:
        return None if value is None else str(value)


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


def select_readable(column: ColumnElement[T], form: Form | None) -> ColumnElement[T]:
    """Returns an expression that replaces times the driver cannot read by the nearest it can.

    PostgreSQL also has times before year 1 and after year 9999, and infinite ones.
    """
    first, last = _LIMITS["timestamp" if form == "timestamp" else "timestamptz"]
    nearest = case((column > last, last), (column < first, first), else_=column)
    return type_coerce(nearest, column.type)


def is_before(
    column: ColumnElement[str], limit: ColumnElement[str], dialect: str
) -> ColumnElement[bool]:
    """Returns the condition that a stored time is before `limit`.

    SQLite may have a value in another form than the column's; that is not before.
    """
    before, kind = column < limit, column.type
    if dialect != "sqlite" or not isinstance(kind, TimestampType):
        return before
    if kind.form not in INTEGER_FORMS:
        return and_(before, func.typeof(column) == "text")
    return and_(before, type_coerce(column, BigInteger) >= _SMALLEST[kind.form])


def read_timestamp(value: str | float | datetime) -> str:
    """Returns the wire form of a stored time. Without a time zone it is UTC.

    Raises TypeError, ValueError or OverflowError for a value that is not a time.
    """
    if isinstance(value, str):
        if len(value) == _WIRE_LENGTH and value[10] == "T" and value[-1] == "Z":
            datetime.fromisoformat(value)
            return value
        return clock.to_iso(clock.from_iso(value))
    if isinstance(value, datetime):
        return clock.write_utc(value) if value.tzinfo is None else clock.to_iso(value)
    milliseconds = value if abs(value) >= MILLISECONDS_FROM else round(value * 1000)
    return clock.to_iso(clock.from_milliseconds(int(milliseconds)))


def store_in_sqlite(value: str, form: Form | None) -> str | int:
    """Returns what a column of this form stores for a time in the wire form."""
    if form not in INTEGER_FORMS:
        return value
    milliseconds = clock.to_milliseconds(clock.from_iso(value))
    return milliseconds if form == "milliseconds" else milliseconds // 1000


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID in its usual form."""
    return _UUID.fullmatch(text) is not None


def select_text(column: ColumnElement[str]) -> ColumnElement[str]:
    """Returns an id as text, to compare it with a column of text."""
    return cast(column, Text) if isinstance(column.type, IdType) else column
