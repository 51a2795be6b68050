"""Checks whether this service can use the tables that another program made."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from msgspec import Struct
from sqlalchemy import Table

from ..bridge.catalog import Catalog, CatalogColumn, CatalogTable, Read
from ..bridge.table_names import NameOptions, format_table_variable
from ..bridge.table_search import (
    FoundTable,
    FoundTables,
    TablesNotClear,
    find_alike,
    find_tables,
    find_tables_elsewhere,
    match_columns,
)
from ..models.layout import ColumnLayout, Layout, TableLayout
from ..models.tables import CORE_TABLES, RESTRICTION_COLUMNS
from .comparison import (
    AddedColumn,
    describe_table,
    find_table_faults,
    list_added_columns,
)
from .layouts import TimeForms, make_layout, make_new_layout, read_time_forms
from .left_out import describe_left_out
from .marks import find_hidden_marks
from .names import VERSION_TABLE, get_own_schema
from .requirements import Requirements

_DECLARED: Final[Mapping[str, Table]] = {str(table.name): table for table in CORE_TABLES}
_LEADING: Final = ("user", "session", "account")


class Adoption(Struct, frozen=True):
    """What `migrate` makes of the tables that are there.

    `adopted`: they are Better Auth's, else there are none. `layout` is that of all core tables,
    `missing` are the core tables to create, `added` the columns to add. `notices` are lines about
    what was found. If there are `incompatibilities`, nothing is done.
    """

    adopted: bool
    layout: Layout = Layout()
    missing: tuple[str, ...] = ()
    added: tuple[AddedColumn, ...] = ()
    notices: tuple[str, ...] = ()
    incompatibilities: tuple[str, ...] = ()


async def plan_adoption(read: Read, catalog: Catalog, requirements: Requirements) -> Adoption:
    """Finds Better Auth's tables and compares them with what this service needs."""
    try:
        found = find_tables(catalog, requirements.names)
    except TablesNotClear as fault:
        return Adoption(adopted=True, incompatibilities=(str(fault),))
    if not found:
        return Adoption(
            adopted=False,
            layout=make_new_layout(
                requirements.names, uuid_ids=requirements.uuid_ids, dialect=catalog.dialect
            ),
            missing=tuple(_DECLARED),
            notices=tuple(_describe_served(catalog, requirements)),
            incompatibilities=tuple(_find_unserved(catalog, requirements)),
        )
    lines = [*_find_faults(found, catalog, requirements)]
    added = {
        name: list_added_columns(_DECLARED[name], each, catalog) for name, each in found.items()
    }
    times: dict[str, TimeForms] = {}
    if catalog.dialect == "sqlite":
        times = await read_time_forms(read, found)
        lines += _find_unclear_times(found, times)
    extended = {name: _extend(each, added[name]) for name, each in found.items()}
    layout = make_layout(extended, catalog, times, uuid_ids=requirements.uuid_ids)
    own = get_own_schema(catalog.dialect, catalog.schema)
    new = make_new_layout(requirements.names, uuid_ids=False, dialect=catalog.dialect)
    not_found = [name for name in _DECLARED if name not in found]
    return Adoption(
        adopted=True,
        layout=_place_missing(layout, not_found, catalog, new),
        # What an earlier adoption created is still there if only its record was dropped.
        missing=tuple(
            name
            for name in not_found
            if not own or catalog.find_in(own, new.describe_table(name).name) is None
        ),
        added=tuple(column for of_table in added.values() for column in of_table.values()),
        notices=tuple(describe_left_out(found, requirements)),
        incompatibilities=tuple(lines),
    )


def _find_unserved(catalog: Catalog, requirements: Requirements) -> Iterator[str]:
    """Returns why no new tables can be made: there are others, which somebody else serves."""
    if catalog.dialect == "postgresql" and not catalog.schema:
        yield (
            "the user of DATABASE_URL may use no schema of the search path: correct ?schema=, or"
            " let the owner run GRANT USAGE ON SCHEMA"
        )
        return
    names = requirements.names
    others = Catalog(
        [table for table in catalog.tables if not _is_served(table, catalog)],
        catalog.dialect,
        catalog.schema,
    )
    if any(name not in names.tables for name in _LEADING):
        if elsewhere := find_tables_elsewhere(others):
            schema = elsewhere["user"].table.schema
            yield (
                f'the tables of Better Auth are in the schema "{schema}": add ?schema={schema} to'
                " DATABASE_URL"
            )
            return
        for table in find_alike(others):
            yield _find_wrong_name(catalog, names) or (
                f"{describe_table(table)} contains rows of Better Auth, but its table of users was"
                f" not found: name it with {format_table_variable('user')}_MODEL_NAME"
            )
            return
    for mark in sorted(names.fields.get("user", {}).keys() & set(RESTRICTION_COLUMNS)):
        yield (
            f"BETTER_AUTH_USER_FIELDS names a column for {mark}, but there are no tables of Better"
            " Auth: correct DATABASE_URL, or remove the name"
        )
    for name in _DECLARED:
        physical = names.tables.get(name, name)
        if catalog.find_here(physical):
            yield (
                f'the table "{physical}" is not one of Better Auth, and this service needs that'
                " name: use another database or schema, or choose another name with"
                f" {format_table_variable(name)}_MODEL_NAME"
            )


def _find_wrong_name(catalog: Catalog, names: NameOptions) -> str | None:
    """Returns a line if settings name a table that is not in the search path."""
    there = {table.name.lower() for table in catalog.tables if table.place is not None}
    for name in _LEADING:
        chosen = names.tables.get(name)
        if chosen is not None and chosen.lower() not in there:
            return (
                f'{format_table_variable(name)}_MODEL_NAME: there is no table "{chosen}": correct'
                " the name"
            )
    return None


def _describe_served(catalog: Catalog, requirements: Requirements) -> Iterator[str]:
    """Returns which schema another service of this kind looks after: it may be the one meant."""
    if elsewhere := find_tables_elsewhere(catalog, requirements.names):
        schema = elsewhere["user"].table.schema
        yield (
            f'the schema "{schema}" has tables of Better Auth that are in use already: if you mean'
            f" those, add ?schema={schema} to DATABASE_URL"
        )


def _is_served(table: CatalogTable, catalog: Catalog) -> bool:
    """Whether another service of this kind looks after the schema of the table."""
    if table.place is not None:
        return False
    own = get_own_schema(catalog.dialect, table.schema)
    return any(catalog.find_in(schema, VERSION_TABLE) for schema in (own, table.schema))


def _find_faults(found: FoundTables, catalog: Catalog, requirements: Requirements) -> Iterator[str]:
    if "session" not in found and not requirements.storage:
        yield _find_wrong_name(catalog, requirements.names) or (
            "there is no table of sessions: if they are in a secondary storage, set REDIS_URL;"
            f" else name the table with {format_table_variable('session')}_MODEL_NAME"
        )
    if catalog.dialect == "sqlite":  # elsewhere they get a schema of their own
        taken = (name for name in _DECLARED if name not in found and catalog.find_here(name))
        yield from (
            f'the table "{name}" is not one of Better Auth, and this service needs that name:'
            " rename it, or use another database"
            for name in taken
        )
    for name, each in found.items():
        named = requirements.names.fields.get(name, {})
        yield from (
            f"{format_table_variable(name)}_FIELDS: {describe_table(each.table)} has no column"
            f' "{column}" for {key}: correct the name'
            for key, column in named.items()
            if key in _DECLARED[name].columns and key not in each.columns
        )
        fields = [field.column for field in requirements.fields.get(name, ())]
        known = frozenset(match_columns(each.table, fields).values())
        yield from find_table_faults(_DECLARED[name], each, catalog, known, may_add=True)
    yield from find_hidden_marks(found["user"].table, catalog, requirements)


def _extend(found: FoundTable, added: Mapping[str, AddedColumn]) -> FoundTable:
    """Returns the table with the columns that will be added."""
    if not added:
        return found
    more = {
        column.column: CatalogColumn(column.type, nullable=True, has_default=False)
        for column in added.values()
    }
    table = replace(found.table, columns={**found.table.columns, **more})
    names = {name: column.column for name, column in added.items()}
    return FoundTable(table, {**found.columns, **names})


def _place_missing(layout: Layout, missing: Iterable[str], catalog: Catalog, new: Layout) -> Layout:
    """Returns the layout with the tables that will be created, which are this service's own.

    `new` has the names that settings say.
    """
    own = get_own_schema(catalog.dialect, catalog.schema)
    tables = dict(layout.tables)
    for name in missing:
        laid = new.describe_table(name)
        columns = dict(laid.columns)
        if name == "session" and own and layout.has_uuid_users:
            columns["userId"] = ColumnLayout(laid.describe_column("userId").name, "uuid")
        if own or laid != TableLayout(name):
            tables[name] = TableLayout(laid.name, own or None, columns)
    return Layout(tables, uuid_ids=layout.uuid_ids)


def _find_unclear_times(found: FoundTables, times: Mapping[str, TimeForms]) -> Iterator[str]:
    for name, forms in times.items():
        if forms.unclear:
            columns = ", ".join(found[name].columns[key] for key in forms.unclear)
            yield (
                f"{describe_table(found[name].table)} has no rows yet, so its times ({columns}) may"
                " be text, seconds or milliseconds: sign one user up on the Node server, then try"
                " again"
            )
            return
