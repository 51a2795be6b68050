"""The columns of additional fields, and the SQL that creates them.

Source: `getMigrations` of Better Auth 1.7.25.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import UNSET, Struct
from sqlalchemy import text

from ..models.additional_fields import AdditionalField
from ..models.column_types import TYPE_NAMES
from .catalog import Catalog, Read

Fields = Mapping[str, tuple[AdditionalField, ...]]


class RequiredColumn(Struct, frozen=True):
    """A required column. `definition` is its SQL without `unique`.

    `fills_rows`: whether existing rows can get a value.
    """

    table: str
    name: str
    definition: str
    unique: bool
    fills_rows: bool

    @property
    def inline(self) -> str:
        """Returns the column as a part of CREATE TABLE."""
        return f'"{self.name}" {self.definition}{" unique" if self.unique else ""}'

    def list_statements(self) -> Iterator[str]:
        """Returns the statements that add it to an existing table."""
        yield f'alter table "{self.table}" add column "{self.name}" {self.definition}'
        if self.unique:
            index = f"{self.table}_{self.name}_uidx"
            yield f'create unique index "{index}" on "{self.table}" ("{self.name}")'


def list_required_columns(fields: Fields, dialect: str) -> list[RequiredColumn]:
    """Returns all columns that these fields, given by table, require."""
    return [
        _require_column(table, field, dialect)
        for table, listed in fields.items()
        for field in listed
    ]


def find_missing_columns(
    columns: Iterable[RequiredColumn], catalog: Catalog
) -> list[RequiredColumn]:
    """Returns the columns that existing tables do not have."""
    return [
        column
        for column in columns
        if column.table in catalog and column.name not in catalog[column.table].columns
    ]


async def find_column_incompatibilities(
    read: Read, missing: Iterable[RequiredColumn], dialect: str
) -> list[str]:
    """Returns one line for each column for which existing rows would have no value."""
    return [
        f'the table "{column.table}" can\'t get the column "{column.name}", because it would'
        " require a value that rows do not have: give the additional field a defaultValue or"
        " required: false"
        for column in missing
        if not column.fills_rows and (dialect == "sqlite" or await _has_rows(read, column.table))
    ]


async def _has_rows(read: Read, table: str) -> bool:
    return bool(await read(text(f'SELECT 1 FROM "{table}" LIMIT 1')))  # noqa: S608  # a constant


def _require_column(table: str, field: AdditionalField, dialect: str) -> RequiredColumn:
    default = _render_default(field, dialect)
    nullable = field.required is False
    words = [TYPE_NAMES[dialect][field.kind], "" if nullable else "not null"]
    words.append("" if default is None else f"default {default}")
    return RequiredColumn(
        table=table,
        name=field.column,
        definition=" ".join(filter(None, words)),
        unique=field.unique,
        fills_rows=nullable or default is not None,
    )


def _render_default(field: AdditionalField, dialect: str) -> str | None:
    """Returns the SQL of a static default (`hasStaticColumnDefault`), which fills existing rows."""
    value = field.default
    optional_unique = field.unique and field.required is False
    if value is UNSET or value is None or optional_unique or isinstance(value, list | dict):
        return None
    if field.kind in ("json", "list", "date"):
        return None
    if isinstance(value, bool):
        return str(value).lower() if dialect == "postgresql" else str(int(value))
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)
