"""The columns of additional fields: they store and return values like the original.

Better Auth 1.7.25 checks no types: SQLite stores any value, PostgreSQL reads it as text. Source:
`createAdapterFactory` (`transformInput`, `transformOutput`), node:sqlite, node-postgres.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import BindParameter, Column, ColumnElement, Dialect, Table, Text, cast
from sqlalchemy.types import TypeDecorator

from .additional_fields import AdditionalField, Json, Kind
from .clock import from_iso, to_iso
from .column_types import (
    TYPE_NAMES,
    DeclaredType,
    read_timestamp,
    select_readable,
    store_in_sqlite,
)
from .layout import Form, TableLayout

_JSON: Final = ("json", "list")


class SqliteValue(TypeDecorator[Json]):
    """A column that stores any value, as node:sqlite binds it."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Kind, form: Form | None = None) -> None:
        super().__init__()
        self.kind = kind
        self.form = form

    def process_bind_param(self, value: Json, dialect: Dialect) -> str | float | None:
        """Returns the value to store. Raises ValueError if the original cannot store it."""
        if isinstance(value, bool | int | float):
            return float(value)  # JavaScript has no other numbers: 5 in a text column is "5.0"
        text = _to_text(value, self.kind)
        return text if text is None or self.kind != "date" else store_in_sqlite(text, self.form)

    def process_result_value(self, value: str | float | None, dialect: Dialect) -> Json:
        if self.kind == "boolean" and isinstance(value, int | float):
            return value == 1
        if isinstance(value, str) and self.kind in _JSON:
            return _parse_json(value)
        if self.kind == "date" and (isinstance(value, str) or self.form is not None):
            return None if value is None else _normalize_timestamp(value)
        return value


class PostgresValue(TypeDecorator[Json]):
    """Sends any value as text, like node-postgres; PostgreSQL converts it to the column's type."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Kind, form: Form | None = None) -> None:
        super().__init__()
        self.kind = kind
        self.form = form

    def process_bind_param(self, value: Json, dialect: Dialect) -> str | None:
        """Returns the value to store. Raises ValueError if the original cannot store it."""
        if isinstance(value, bool | int | float):
            return msgspec.json.encode(value).decode()
        if self.kind == "string" and isinstance(value, list | dict):
            return msgspec.json.encode(value).decode()
        return _to_text(value, self.kind)

    def bind_expression(self, bindparam: BindParameter[Json]) -> ColumnElement[Any]:
        own_type = self.form if self.form in ("timestamp", "uuid") else None
        return cast(bindparam, DeclaredType(own_type or TYPE_NAMES["postgresql"][self.kind]))

    def column_expression(self, column: ColumnElement[Json]) -> ColumnElement[Json]:
        return select_readable(column, self.form) if self.kind == "date" else column

    def process_result_value(self, value: object, dialect: Dialect) -> Json:
        if isinstance(value, datetime):
            return read_timestamp(value)
        if isinstance(value, UUID):
            return str(value)
        if self.kind == "bigint" and isinstance(value, int):
            return str(value)  # JavaScript could not hold it
        if isinstance(value, str) and self.kind in _JSON:
            return _parse_json(value)
        assert value is None or isinstance(value, bool | int | float | str | list | dict)
        return value


def with_columns(
    table: Table, fields: tuple[AdditionalField, ...], dialect: str, layout: TableLayout
) -> Table:
    """Returns a copy of the table with these fields, or the table itself without fields.

    `layout` says how the database names and stores them.
    """
    if not fields:
        return table
    kind = PostgresValue if dialect == "postgresql" else SqliteValue
    copy = table.to_metadata(type(table.metadata)())
    for field in fields:
        found = layout.describe_column(field.column)
        copy.append_column(Column(found.name, kind(field.kind, found.form), key=field.column))
    return copy


def _to_text(value: str | list[Json] | dict[str, Json] | None, kind: Kind) -> str | None:
    if isinstance(value, list | dict):
        if kind not in _JSON or (kind == "list" and isinstance(value, dict)):
            raise ValueError(f"no {kind} can hold a list or an object")
        return msgspec.json.encode(value).decode()
    return to_iso(from_iso(value)) if value is not None and kind == "date" else value


def _parse_json(text: str) -> Json:
    """Parses JSON; returns None for invalid JSON (`safeJSONParse`)."""
    try:
        value: Json = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    return value


def _normalize_timestamp(value: str | float) -> str | None:
    try:
        return read_timestamp(value)
    except (ValueError, OverflowError):
        return None
