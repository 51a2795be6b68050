"""Compares a table that another program made with what this service needs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct
from sqlalchemy import Column, Table, UniqueConstraint

from ..bridge.catalog import Catalog, CatalogColumn, CatalogTable
from ..bridge.table_names import COLUMNS, format_table_variable
from ..bridge.table_search import FoundTable, match_columns
from ..models.additional_fields import Kind
from ..models.column_types import TYPE_NAMES, get_kind
from ..models.tables import to_snake_case
from .names import quote_name, quote_path
from .usable_types import is_usable

# A row means nothing without them, so an empty one is never the answer to one that is missing.
_NEVER_ADDED: Final = frozenset({"password", "email", "token", "userId", "accountId", "providerId"})
# They may be NULL in the tables of Better Auth 1.0 to 1.3.
_ONCE_NULLABLE: Final = frozenset({("verification", "createdAt"), ("verification", "updatedAt")})
# What the plugins of Better Auth 1.7.25 add.
PLUGIN_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "user": (
        *("username", "displayUsername", "role", "banned", "banReason", "banExpires"),
        *("twoFactorEnabled", "phoneNumber", "phoneNumberVerified", "isAnonymous"),
        *("lastLoginMethod", "stripeCustomerId"),
    ),
    "session": ("impersonatedBy", "activeOrganizationId", "activeTeamId"),
}


class AddedColumn(Struct, frozen=True):
    """A column that Better Auth's own migration would add to a table: it may be NULL."""

    table: str
    column: str
    type: str
    schema: str = ""

    def render_statement(self) -> str:
        """Returns the statement that adds it."""
        where = quote_path(self.schema, self.table)
        return f"alter table {where} add column {quote_name(self.column)} {self.type}"


def find_table_faults(
    declared: Table,
    found: FoundTable,
    catalog: Catalog,
    additional: Iterable[str],
    *,
    may_add: bool,
) -> Iterator[str]:
    """Returns one line for each reason why the service cannot use the table.

    `additional` are columns that settings name, `may_add` allows columns that are missing.
    """
    added = list_added_columns(declared, found, catalog) if may_add else {}
    missing = []
    for column in declared.columns:
        if column.name in found.columns:
            physical = found.columns[column.name]
            yield from _compare_column(column, physical, found.table, catalog)
        elif column.name not in added:
            missing.append(str(column.name))
    known = {*found.columns.values(), *additional}
    if missing:  # an unknown column is then probably one of these
        yield _describe_missing(str(declared.name), missing, found.table, known)
    else:
        yield from find_required_unknown(declared.name, found, known)
    yield from find_not_unique(declared, found)


def _describe_missing(
    name: str, missing: Iterable[str], found: CatalogTable, known: Iterable[str]
) -> str:
    listed = [*missing]
    line = f"{describe_table(found)} has no column {', '.join(listed)}"
    if name not in COLUMNS:
        return f"{line}: let the Node server's own migration add it"
    plugins = match_columns(found, PLUGIN_COLUMNS.get(name, ())).values()
    unknown = sorted({*found.columns} - {*known, *plugins})
    others = f" (unknown here: {', '.join(unknown)})" if unknown else ""
    pairs = ",".join(f'"{column}":"…"' for column in listed)
    example = f"{format_table_variable(name)}_FIELDS={{{pairs}}}"
    return (
        f"{line}: if the name is another one{others}, set {example}; if not, update the Node server"
        " first"
    )


def _compare_column(
    column: Column[object], name: str, table: CatalogTable, catalog: Catalog
) -> Iterator[str]:
    found = table.columns[name]
    where = f'the column "{name}" of {describe_table(table)}'
    if not has_usable_type(column, found, catalog):
        expected = TYPE_NAMES[catalog.dialect][get_kind(column.type)]
        actual = found.type or "without a type"
        yield f"{where} is {actual}, not {expected}{_explain(column, found)}"
    elif found.generated:
        yield f"{where} is generated, so nobody can write it: change it in the Node server's schema"
    elif column.nullable and not found.nullable and not found.has_default:
        yield f"{where} must allow NULL: change it in the schema of the Node server"


def _explain(column: Column[object], found: CatalogColumn) -> str:
    if column.name in ("id", "userId") and "int" in found.type:
        return ': ids that are numbers (generateId "serial") are not supported'
    return ": change it in the schema of the Node server"


def find_required_unknown(name: str, found: FoundTable, known: Iterable[str]) -> Iterator[str]:
    """Returns one line for each unknown column that new rows need. `name` is Better Auth's."""
    for column in sorted(set(found.table.columns) - set(known)):
        details = found.table.columns[column]
        if details.nullable or details.has_default:
            continue
        remedy = "give it a default, or let it be NULL"
        if name in ("user", "session"):
            variable = f"{format_table_variable(name)}_ADDITIONAL_FIELDS"
            remedy = f"declare it with a defaultValue in {variable}, or give it a default"
        yield (
            f'the column "{column}" of {describe_table(found.table)} is unknown here and requires a'
            f" value: {remedy}"
        )


def find_not_unique(declared: Table, found: FoundTable) -> Iterator[str]:
    """Returns one line for each column that must be unique and is not."""
    for constraint in declared.constraints:
        if isinstance(constraint, UniqueConstraint):
            (column,) = constraint.columns
            name = found.columns.get(column.name)
            if name is not None and name not in found.table.unique:
                yield (
                    f'the column "{name}" of {describe_table(found.table)} is not unique: add'
                    " a unique index to it"
                )


def list_added_columns(
    declared: Table, found: FoundTable, catalog: Catalog
) -> Mapping[str, AddedColumn]:
    """Returns the columns that Better Auth's own migration would add, by its names.

    A column is not added where an unknown one of its kind may be the same under another name.
    """
    name = str(declared.name)
    known = {*found.columns.values()}
    known |= set(match_columns(found.table, PLUGIN_COLUMNS.get(name, ())).values())
    unknown = [details for each, details in found.table.columns.items() if each not in known]
    is_snake = any("_" in physical for physical in found.columns.values())
    added = {}
    for column in declared.columns:
        key = str(column.name)  # SQLAlchemy's is of a class that JSON does not know
        may_be_null = column.nullable or (name, key) in _ONCE_NULLABLE
        kind = get_kind(column.type)
        if key in found.columns or key in _NEVER_ADDED or not may_be_null:
            continue
        if any(is_usable(kind, details.type, catalog.dialect) for details in unknown):
            continue
        physical = to_snake_case(key) if is_snake else key
        added[key] = AddedColumn(
            found.table.name, physical, _choose_type(kind, found, catalog), found.table.schema
        )
    return added


def _choose_type(kind: Kind, found: FoundTable, catalog: Catalog) -> str:
    """Returns the type that this table's other columns of the kind have."""
    times = [found.columns[key] for key in ("createdAt", "expiresAt") if key in found.columns]
    if kind == "date" and times:
        return found.table.columns[times[0]].type
    return TYPE_NAMES[catalog.dialect][kind]


def describe_table(table: CatalogTable) -> str:
    """Returns the quoted name of a table, with its schema if that is not the first one."""
    if table.place or table.place is None:
        return f'"{table.schema}"."{table.name}"'
    return f'"{table.name}"'


def has_usable_type(column: Column[object], found: CatalogColumn, catalog: Catalog) -> bool:
    """Whether the column that was found stores the values of the declared one."""
    is_id = column.name in ("id", "userId")
    return is_usable(get_kind(column.type), found.type, catalog.dialect, is_id=is_id)
