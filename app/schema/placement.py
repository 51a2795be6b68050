"""Where the tables are, or will be, that are not of Better Auth's core."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from msgspec import Struct
from sqlalchemy import Table

from ..bridge.catalog import Catalog, CatalogColumn, CatalogTable
from ..bridge.table_names import NameOptions
from ..bridge.table_search import FoundTable, match_columns
from ..models.layout import ColumnLayout, TableLayout
from ..models.tables import disabled_users, rate_limits
from .adoption import Adoption
from .branch import Branch
from .comparison import AddedColumn, list_added_columns
from .layouts import find_laid_out, find_named_table, make_table_layout
from .names import AUDIT_TABLE, WEBHOOK_TABLES, get_own_schema
from .requirements import Requirements
from .state import (
    AUDIT_HEAD,
    DISABLED_HEAD,
    LIMITS_HEAD,
    TASKS_HEAD,
    WEBHOOKS_HEAD,
    SchemaVersion,
)


class PlacedTables(Struct, frozen=True):
    """The layout of all tables. `created`: those that migrations must create.

    `added` are the columns that tables of plugins get.
    """

    tables: Mapping[str, TableLayout]
    created: frozenset[str]
    added: tuple[AddedColumn, ...]


def place_tables(
    catalog: Catalog, version: SchemaVersion, adoption: Adoption, requirements: Requirements
) -> PlacedTables:
    """Finds the tables that a Node server made, and chooses the place of the others."""
    pending = version.list_heads(requirements) - version.revisions
    created, names = set(adoption.missing), requirements.names
    tables, added = dict(adoption.layout.tables), list[AddedColumn]()
    home = get_own_schema(catalog.dialect, catalog.schema) if version.adopted else ""
    user, is_uuid = tables.get("user"), adoption.layout.has_uuid_users
    if TASKS_HEAD in pending and catalog.find("tasks") is None and (home or is_uuid):
        forms = {"user_id": ColumnLayout("user_id", "uuid")} if is_uuid else {}
        tables["tasks"] = TableLayout("tasks", home or None, forms)
    own = [AUDIT_TABLE] if AUDIT_HEAD in pending else []
    own += WEBHOOK_TABLES if WEBHOOKS_HEAD in pending else ()
    if home:
        tables.update({name: TableLayout(name, home, {}) for name in own})
    if DISABLED_HEAD in pending:
        name = str(disabled_users.name)
        laid = _describe_new_table(disabled_users, tables, NameOptions(), home)
        created.add(name)
        if laid != TableLayout(name):
            tables[name] = laid
    for table, branch in _list_pending_tables(pending, requirements):
        name, laid = str(table.name), _describe_new_table(table, tables, names, home)
        found = find_plugin_table(catalog, table, branch, user, names)
        if found is not None:
            extended, more = _extend(table, found, catalog, names.fields.get(name))
            added += more
            laid = make_table_layout(table, extended, catalog, names.fields.get(name), user)
        elif not home or catalog.find_in(home, laid.name) is None:
            created.add(name)
        if laid != TableLayout(name):
            tables[name] = laid
    return PlacedTables(tables, frozenset(created), tuple(added))


def find_plugin_table(
    catalog: Catalog,
    declared: Table,
    branch: Branch | None,
    user: TableLayout | None,
    options: NameOptions,
) -> CatalogTable | None:
    """Returns a table that a Node server made: by its name, else by its typical columns."""
    name = str(declared.name)
    named = find_named_table(catalog, name, user, options)
    typical = () if branch is None else branch.typical.get(name, ())
    if named is not None or name in options.tables or not typical:
        return named
    users = find_laid_out(user or TableLayout("user"), catalog)
    if users is None:
        return None
    alike = (table for table in catalog.tables if _is_typical(table, typical, users))
    return next(alike, None)


def _is_typical(table: CatalogTable, typical: tuple[str, ...], users: CatalogTable) -> bool:
    matched = match_columns(table, typical)
    if len(matched) < len(typical):
        return False
    owner = table.references.get(matched.get("userId", ""))
    return table.schema == users.schema if owner is None else owner == users.key


def _describe_new_table(
    table: Table, tables: Mapping[str, TableLayout], options: NameOptions, home: str
) -> TableLayout:
    """Returns the layout of a table that is created, with the names that the options say.

    A column that refers to UUIDs, in one of `tables`, has them, too.
    """
    name = str(table.name)
    fields = options.fields.get(name, {})
    columns = {key: ColumnLayout(fields[key]) for key in fields if key in table.columns}
    for key, referred in _list_references(table):
        if tables.get(referred, TableLayout(referred)).describe_column("id").form == "uuid":
            columns[key] = ColumnLayout(fields.get(key, key), "uuid")
    return TableLayout(options.tables.get(name, name), home or None, columns)


def _list_references(table: Table) -> Iterator[tuple[str, str]]:
    """Yields each column that refers to the id of a table, and that table."""
    for column in table.columns:
        name = str(column.key)  # SQLAlchemy's is of a class that JSON does not know
        if name == "userId":
            yield name, "user"
        for key in column.foreign_keys:
            yield name, key.target_fullname.removesuffix(".id")


def _extend(
    table: Table, found: CatalogTable, catalog: Catalog, fields: Mapping[str, str] | None
) -> tuple[CatalogTable, list[AddedColumn]]:
    """Returns the table with the columns that Better Auth's own migration would add."""
    matched = FoundTable(found, match_columns(found, table.columns.keys(), fields))
    added = [*list_added_columns(table, matched, catalog).values()]
    more = {
        column.column: CatalogColumn(column.type, nullable=True, has_default=False)
        for column in added
    }
    return replace(found, columns={**found.columns, **more}), added


def _list_pending_tables(
    pending: Container[str], requirements: Requirements
) -> Iterator[tuple[Table, Branch | None]]:
    if LIMITS_HEAD in pending:
        yield rate_limits, None
    for branch in requirements.required_branches:
        if branch.head in pending:
            yield from ((table, branch) for table in branch.tables)
