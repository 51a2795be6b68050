"""The columns of additional fields, and the SQL that creates them.

Source: `getMigrations` of Better Auth 1.7.25.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import UNSET, Struct

from ..bridge.catalog import Catalog, Read
from ..models.additional_fields import AdditionalField
from ..models.column_types import TYPE_NAMES
from ..models.layout import Layout
from .layouts import find_laid_out, has_column
from .names import make_statement, quote_name, quote_table

Fields = Mapping[str, tuple[AdditionalField, ...]]
Place = tuple[str, str]  # a table and its column, by Better Auth's names


class RequiredColumn(Struct, frozen=True):
    """A required column. `definition` is its SQL without `unique`.

    `table` and `key` are Better Auth's names, `where` the SQL name of the table here. `fills_rows`:
    whether existing rows can get a value.
    """

    table: str
    key: str
    where: str
    name: str
    definition: str
    unique: bool
    fills_rows: bool

    @property
    def inline(self) -> str:
        """Returns the column as a part of CREATE TABLE."""
        return f"{quote_name(self.name)} {self.definition}{' unique' if self.unique else ''}"

    def list_statements(self) -> Iterator[str]:
        """Returns the statements that add it to an existing table."""
        yield f"alter table {self.where} add column {quote_name(self.name)} {self.definition}"
        if self.unique:
            index = quote_name(f"{self.table}_{self.name}_uidx")
            yield f"create unique index {index} on {self.where} ({quote_name(self.name)})"


def list_required_columns(fields: Fields, layout: Layout, dialect: str) -> list[RequiredColumn]:
    """Returns all columns that these fields, given by table, require."""
    return [
        _require_column(table, field, layout, dialect)
        for table, listed in fields.items()
        for field in listed
    ]


def find_missing_columns(
    columns: Iterable[RequiredColumn], layout: Layout, catalog: Catalog
) -> list[RequiredColumn]:
    """Returns the columns that existing tables do not have."""
    missing = []
    for column in columns:
        found = find_laid_out(layout.describe_table(column.table), catalog)
        if found is not None and not has_column(found, column.name, catalog.dialect):
            missing.append(column)
    return missing


async def find_column_incompatibilities(
    read: Read, missing: Iterable[RequiredColumn], dialect: str
) -> list[str]:
    """Returns one line for each column for which existing rows would have no value."""
    return [
        f'the table "{column.table}" can\'t get the column "{column.name}", because it would'
        " require a value that rows do not have: give the additional field a defaultValue or"
        " required: false"
        for column in missing
        if not column.fills_rows and (dialect == "sqlite" or await _has_rows(read, column.where))
    ]


async def _has_rows(read: Read, where: str) -> bool:
    return bool(await read(make_statement(f"SELECT 1 FROM {where} LIMIT 1")))  # noqa: S608  # a quoted name


def _require_column(
    table: str, field: AdditionalField, layout: Layout, dialect: str
) -> RequiredColumn:
    default = _render_default(field, dialect)
    nullable = field.required is False
    words = [TYPE_NAMES[dialect][field.kind], "" if nullable else "not null"]
    words.append("" if default is None else f"default {default}")
    return RequiredColumn(
        table=table,
        key=field.column,
        where=quote_table(layout, table),
        name=layout.find_column(table, field.column),
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
