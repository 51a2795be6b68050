"""Checks whether this service can use a database that another program made."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from sqlalchemy import Column, Table, UniqueConstraint, text

from ..models.additional_fields import Kind
from ..models.column_types import TYPE_NAMES, get_kind
from ..models.tables import (
    CORE_TABLES,
    accounts,
    rate_limits,
    sessions,
    to_snake_case,
    users,
)
from .catalog import Catalog, CatalogColumn, CatalogTable, Read
from .usable_types import is_usable, render_filler

_TASKS: Final[dict[str, Kind]] = {
    "id": "number",
    "user_id": "string",
    "title": "string",
    "description": "string",
    "completed": "boolean",
    "priority": "string",
    "due_date": "date",
    "tags": "list",
    "created_at": "date",
    "updated_at": "date",
}
_NOT_OURS: Final = "not a table of Better Auth, and this service needs its own database or schema"


def is_better_auth(catalog: Catalog) -> bool:
    """Whether there is a table `user` of a Node server."""
    return "user" in catalog and any(name in catalog for name in ("session", "account"))


def find_incompatibilities(
    catalog: Catalog,
    dialect: str,
    additional: AbstractSet[str] = frozenset(),
    *,
    storage: bool = False,
) -> list[str]:
    """Returns one line for each reason why the service cannot use these tables, with the remedy.

    `additional`: columns that the settings know in addition to those of Better Auth. With `storage`
    there is a secondary storage, and a Node server makes no table of sessions.
    """
    if renamed := list(_find_renamed_tables(catalog)):
        return renamed
    if "user" not in catalog:
        return []
    if "account" not in catalog:
        return [f'there is a table "user" but no "account": it is {_NOT_OURS}']
    if not storage and "session" not in catalog:
        elsewhere = "sessions are in a secondary storage: set REDIS_URL"
        return [
            f'there is a table "user" but no "session": either it is {_NOT_OURS}, or {elsewhere}'
        ]
    core = (table for table in CORE_TABLES if table.name in catalog)
    return [
        line for table in core for line in _compare(table, catalog[table.name], dialect, additional)
    ]


def find_task_incompatibilities(catalog: Catalog, dialect: str) -> list[str]:
    """Returns the same for a table `tasks` that another program made."""
    found = catalog.get("tasks")
    if found is None:
        return []
    different = [
        name
        for name, kind in _TASKS.items()
        if name not in found.columns or not is_usable(kind, found.columns[name].type, dialect)
    ]
    if not different and found.columns.keys() == _TASKS.keys():
        return []
    which = ", ".join(different or sorted(found.columns.keys() - _TASKS.keys()))
    return [
        (
            f'the table "tasks" does not belong to the task API (see {which}): rename it, or set'
            f" TASK_API=false"
        )
    ]


def find_rate_limit_incompatibilities(catalog: Catalog, dialect: str) -> list[str]:
    """Returns the same for a table `rateLimit`. Only that of a Node server can be used."""
    table = rate_limits
    found = catalog.get(table.name if dialect == "postgresql" else table.name.lower())
    if found is None:
        return []
    columns = _match_columns(table, found, dialect)
    different = [
        column.name
        for column in table.columns
        if column.name not in columns
        # SQLite keeps any number in any of its columns.
        or (dialect == "postgresql" and not _has_usable_type(column, columns[column.name], dialect))
    ]
    if different:
        remedy = "rename it, or choose another BETTER_AUTH_RATE_LIMIT_STORAGE"
        which = ", ".join(different)
        return [f'the table "rateLimit" does not belong to Better Auth (see {which}): {remedy}']
    unknown = set(found.columns) - {_find_name(name, found, dialect) for name in columns}
    return [
        *_find_required_unknown(table, unknown, found, dialect),
        *_find_not_unique(table, found, dialect),
    ]


def find_plugin_incompatibilities(
    tables: Iterable[Table], catalog: Catalog, dialect: str
) -> list[str]:
    """Returns the same for the tables of a plugin that a Node server may have made."""
    lines: list[str] = []
    for table in tables:
        found = catalog.get(table.name if dialect == "postgresql" else table.name.lower())
        if found is not None:
            lines += _compare(table, found, dialect, frozenset())
    return lines


async def find_numeric_times(read: Read, catalog: Catalog) -> list[str]:
    """Finds columns with numbers for times, which SQLite allows and some ORMs write."""
    lines = []
    for table in (table for table in CORE_TABLES if table.name in catalog):
        times = [column.name for column in table.columns if get_kind(column.type) == "date"]
        odd = " OR ".join(f"typeof(\"{name}\") NOT IN ('text', 'null')" for name in times)
        if await read(text(f'SELECT 1 FROM "{table.name}" WHERE {odd} LIMIT 1')):  # noqa: S608  # names from models
            lines.append(
                f'"{table.name}" contains times that are not ISO text ({", ".join(times)}); '
                + _suggest("", "sqlite")
            )
    return lines


def _find_renamed_tables(catalog: Catalog) -> Iterator[str]:
    for table in (users, sessions, accounts):
        name = table.name
        for other in (f"{name}s", name.capitalize(), f"{name.capitalize()}s"):
            if name not in catalog and other in catalog and _is_like(table, catalog[other]):
                yield (
                    f'Better Auth\'s table "{name}" has the name "{other}" here; run:'
                    f' ALTER TABLE "{other}" RENAME TO "{name}"'
                )


def _is_like(table: Table, found: CatalogTable) -> bool:
    typical = {"user": ("emailVerified",), "session": ("token", "userId")}
    names = typical.get(table.name, ("accountId", "providerId"))
    return all(name in found.columns or to_snake_case(name) in found.columns for name in names)


def _compare(
    table: Table, found: CatalogTable, dialect: str, additional: AbstractSet[str]
) -> Iterator[str]:
    columns = _match_columns(table, found, dialect)
    for column in table.columns:
        if column.name in columns:
            yield from _compare_column(column, columns[column.name], dialect)
        else:
            yield _describe_missing(column, found, dialect)
    unknown = set(found.columns) - {_find_name(name, found, dialect) for name in columns}
    renamed = {to_snake_case(column.name) for column in table.columns if column.name not in columns}
    yield from _find_required_unknown(table, unknown - additional - renamed, found, dialect)
    yield from _find_not_unique(table, found, dialect)


def _match_columns(table: Table, found: CatalogTable, dialect: str) -> dict[str, CatalogColumn]:
    names = {name: _find_name(name, found, dialect) for name in table.columns.keys()}  # noqa: SIM118  # a ColumnCollection iterates columns
    return {name: found.columns[other] for name, other in names.items() if other is not None}


def _find_name(name: str, found: CatalogTable, dialect: str) -> str | None:
    """Returns the name as it is in the database. SQLite ignores case."""
    if name in found.columns or dialect == "postgresql":
        return name if name in found.columns else None
    return next((other for other in found.columns if other.lower() == name.lower()), None)


def _describe_missing(column: Column[object], found: CatalogTable, dialect: str) -> str:
    where = f'"{column.table.name}"'
    snake = to_snake_case(column.name)
    if snake != column.name and snake in found.columns:
        return (
            f'column "{column.name}" of {where} has the name "{snake}" here; run:'
            f' ALTER TABLE {where} RENAME COLUMN "{snake}" TO "{column.name}"'
        )
    type_name, kind = _get_type_name(column, dialect), get_kind(column.type)
    filled = f"{type_name} NOT NULL DEFAULT {render_filler(kind, dialect)}"
    added = type_name if column.nullable else filled
    return (
        f'{where} has no column "{column.name}"; run:'
        f' ALTER TABLE {where} ADD COLUMN "{column.name}" {added}'
    )


def _compare_column(column: Column[object], found: CatalogColumn, dialect: str) -> Iterator[str]:
    where = f'"{column.table.name}"'
    alter = f'ALTER TABLE {where} ALTER COLUMN "{column.name}"'
    if not _has_usable_type(column, found, dialect):
        type_name = _get_type_name(column, dialect)
        yield (
            f'column "{column.name}" of {where} is {found.type or "without a type"}, not'
            f" {type_name}; " + _suggest_conversion(alter, column, found, dialect)
        )
    elif column.nullable and not found.nullable and not found.has_default:
        yield (
            f'column "{column.name}" of {where} must allow NULL; '
            + _suggest(f"{alter} DROP NOT NULL", dialect)
        )


def _suggest_conversion(
    alter: str, column: Column[object], found: CatalogColumn, dialect: str
) -> str:
    if column.name in ("id", "userId") and dialect == "postgresql":
        return f"ids must be text; drop the foreign keys to it, then run: {alter} TYPE text"
    zone = " AT TIME ZONE 'UTC'" if found.type.startswith("timestamp") else ""
    name = _get_type_name(column, dialect)
    return _suggest(f'{alter} TYPE {name} USING "{column.name}"{zone or f"::{name}"}', dialect)


def _find_required_unknown(
    table: Table, unknown: Iterable[str], found: CatalogTable, dialect: str
) -> Iterator[str]:
    for name in sorted(unknown):
        column = found.columns[name]
        if not column.nullable and not column.has_default:
            change = f'ALTER TABLE "{table.name}" ALTER COLUMN "{name}" DROP NOT NULL'
            yield (
                f'column "{name}" of "{table.name}" is unknown here and requires a value; '
                + _suggest(change, dialect)
            )


def _find_not_unique(table: Table, found: CatalogTable, dialect: str) -> Iterator[str]:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            (column,) = constraint.columns
            if _find_name(column.name, found, dialect) not in found.unique:
                yield (
                    f'"{table.name}"."{column.name}" is not unique; run: CREATE UNIQUE INDEX'
                    f' "{constraint.name}" ON "{table.name}" ("{column.name}")'
                )


def _suggest(statement: str, dialect: str) -> str:
    if dialect == "sqlite":
        return "SQLite cannot change this: copy the data into tables that the Node server made"
    return f"run: {statement}"


def _get_type_name(column: Column[object], dialect: str) -> str:
    return TYPE_NAMES[dialect][get_kind(column.type)]


def _has_usable_type(column: Column[object], found: CatalogColumn, dialect: str) -> bool:
    return is_usable(get_kind(column.type), found.type, dialect)
