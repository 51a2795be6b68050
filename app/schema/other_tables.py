"""Checks what is not of Better Auth's core: tables of tasks, of the rate limiter, of plugins."""

from collections.abc import Container, Iterable, Iterator
from typing import Final

from sqlalchemy import Table

from ..bridge.catalog import Catalog, CatalogTable
from ..bridge.table_search import FoundTable, match_columns
from ..models.additional_fields import Kind
from ..models.layout import Layout
from ..models.tables import rate_limits
from .columns import Place, RequiredColumn
from .comparison import (
    describe_table,
    find_not_unique,
    find_required_unknown,
    find_table_faults,
    has_usable_type,
)
from .layouts import find_laid_out, has_column
from .requirements import Requirements
from .usable_types import is_usable

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


def find_task_incompatibilities(catalog: Catalog) -> list[str]:
    """Returns one line if another program made the table `tasks`."""
    found = catalog.find("tasks")
    if found is None:
        return []
    different = [
        name
        for name, kind in _TASKS.items()
        if name not in found.columns
        or not is_usable(kind, found.columns[name].type, catalog.dialect, is_id=name == "user_id")
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


def find_rate_limit_incompatibilities(found: CatalogTable, catalog: Catalog) -> list[str]:
    """Returns the same for a table `rateLimit`. Only that of a Node server can be used."""
    table = rate_limits
    columns = match_columns(found, table.columns.keys())
    different = [
        column.name
        for column in table.columns
        if column.name not in columns
        # SQLite keeps any number in any of its columns.
        or (
            catalog.dialect == "postgresql"
            and not has_usable_type(column, found.columns[columns[column.name]], catalog)
        )
    ]
    if different:
        remedy = "rename it, or choose another BETTER_AUTH_RATE_LIMIT_STORAGE"
        which = ", ".join(different)
        return [f'the table "{found.name}" does not belong to Better Auth (see {which}): {remedy}']
    matched = FoundTable(found, columns)
    return [
        *find_required_unknown(table.name, matched, columns.values()),
        *find_not_unique(table, matched),
    ]


def find_plugin_incompatibilities(
    declared: Table, found: CatalogTable, catalog: Catalog, requirements: Requirements
) -> list[str]:
    """Returns the same for a table of a plugin that a Node server may have made."""
    name = str(declared.name)
    names = requirements.names.fields.get(name)
    matched = FoundTable(found, match_columns(found, declared.columns.keys(), names))
    fields = [field.column for field in requirements.fields.get(name, ())]
    known = frozenset(match_columns(found, fields).values())
    return [*find_table_faults(declared, matched, catalog, known, may_add=True)]


def find_repeatable_columns(
    columns: Iterable[RequiredColumn], unique: Container[Place], layout: Layout, catalog: Catalog
) -> Iterator[str]:
    """Returns one line for each column of a plugin that must be unique and is not."""
    for column in columns:
        found = find_laid_out(layout.describe_table(column.table), catalog)
        if (column.table, column.key) not in unique or found is None:
            continue
        if has_column(found, column.name, catalog.dialect) and column.name not in found.unique:
            yield (
                f'the column "{column.name}" of {describe_table(found)} is not unique: add a'
                " unique index to it"
            )
