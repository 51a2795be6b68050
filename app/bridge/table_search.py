"""Finds Better Auth's tables by what they hold, whatever their names are.

Drizzle, Prisma, `usePlural`, `modelName` and `fields` of Better Auth give the tables and columns
other names: `auth_users` with `email_verified` is a table `user`.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from .catalog import Catalog, CatalogTable
from .table_names import COLUMNS, NameOptions, format_table_variable

# A table is taken for one of these if it has so many of these columns. One may have another name:
# a message about it is better than to overlook the table.
_TYPICAL: Final[Mapping[str, tuple[Sequence[str], int]]] = {
    "user": (COLUMNS["user"], 6),
    "session": (COLUMNS["session"], 7),
    "account": (
        ("accountId", "providerId", "accessToken", "refreshToken", "idToken", "password"),
        4,
    ),
    "verification": (("identifier", "value", "expiresAt"), 3),
    "jwks": (("publicKey", "privateKey"), 2),
}
# One of them at least: accounts of Auth.js have tokens, too.
_ACCOUNT_NAMES: Final = ("accountId", "providerId")
_LEADING: Final = ("user", "session", "account")


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table, and the names of its columns by those of Better Auth."""

    table: CatalogTable
    columns: Mapping[str, str]


_NO_OPTIONS: Final = NameOptions()
FoundTables = Mapping[str, FoundTable]


class TablesNotClear(Exception):
    """More than one set of tables fits. The message has no full stop."""


def match_columns(
    table: CatalogTable, names: Iterable[str], fields: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Returns the columns of the table that are among `names`, by Better Auth's names.

    They are found in camelCase, snake_case and any case. A name in `fields` has the column that
    `fields` says, or none.
    """
    fields = fields or {}
    by_fold: dict[str, list[str]] = {}
    for column in table.columns:
        by_fold.setdefault(fold_name(column), []).append(column)
    found = {}
    for name in names:
        exact = fields.get(name, name)
        alike = by_fold.get(fold_name(exact), [])
        if name in fields:
            alike = [column for column in alike if column.lower() == exact.lower()]
        if alike:
            found[name] = exact if exact in alike else alike[0]
    return found


def find_tables(catalog: Catalog, options: NameOptions = _NO_OPTIONS) -> FoundTables:
    """Returns Better Auth's tables in the search path, by its names for them.

    Empty if there are none. `session`, `verification` and `jwks` may be missing. Raises
    TablesNotClear if there are two sets.
    """
    return _find_tables([table for table in catalog.tables if table.place is not None], options)


def find_session_tables(catalog: Catalog, options: NameOptions = _NO_OPTIONS) -> FoundTables:
    """Returns `user` and `session` in the search path. Accounts only tell which tables these are.

    Empty if there are none. `session` may be missing. Raises TablesNotClear if there are two sets.
    """
    reached = [table for table in catalog.tables if table.place is not None]
    sets: dict[tuple[tuple[str, str], ...], FoundTables] = {}
    for found in _list_sets(reached, options):
        pair = {name: each for name, each in found.items() if name != "account"}
        sets[tuple(each.table.key for each in pair.values())] = pair
    if len(sets) > 1:
        raise TablesNotClear(_describe_sets(list(sets.values())))
    return next(iter(sets.values()), {})


def find_tables_elsewhere(catalog: Catalog, options: NameOptions = _NO_OPTIONS) -> FoundTables:
    """Returns the same outside the search path: the first set in the order of the schemas."""
    others = [table for table in catalog.tables if table.place is None]
    for schema in sorted({table.schema for table in others}):
        with suppress(TablesNotClear):
            if found := _find_tables([t for t in others if t.schema == schema], options):
                return found
    return {}


def find_alike(catalog: Catalog, options: NameOptions = _NO_OPTIONS) -> list[CatalogTable]:
    """Returns all tables that hold sessions or accounts of Better Auth, in any schema."""
    found = (_list_candidates(catalog.tables, name, options) for name in ("session", "account"))
    return [each.table for candidates in found for each in candidates]


def _find_tables(tables: Sequence[CatalogTable], options: NameOptions) -> FoundTables:
    sets = _list_sets(tables, options)
    if len(sets) > 1:
        raise TablesNotClear(_describe_sets(sets))
    if not sets:
        return {}
    (found,) = sets
    for name in ("verification", "jwks"):
        if beside := _find_beside(tables, name, options, found["user"]):
            found[name] = beside
    return found


def _list_sets(tables: Sequence[CatalogTable], options: NameOptions) -> list[dict[str, FoundTable]]:
    """Returns each user table with the accounts and sessions that are its own."""
    accounts = _list_candidates(tables, "account", options)
    sessions = _list_candidates(tables, "session", options)
    users = {each.table.key: each for each in _list_candidates(tables, "user", options)}
    by_key = {table.key: table for table in tables}
    for child in (*accounts, *sessions):
        owner = _find_referred(child)
        if owner in by_key and owner not in users and "user" not in options.tables:
            users[owner] = _match(by_key[owner], "user", options)
    sets: list[dict[str, FoundTable]] = []
    for user in users.values():
        of_user = [each for each in accounts if _is_of_user(each, user, "account", users.values())]
        theirs = [each for each in sessions if _is_of_user(each, user, "session", users.values())]
        for account in of_user:
            leading = {"user": user, "account": account}
            sets += [{**leading, "session": session} for session in theirs] or [leading]
    return _select_best(sets)


def _select_best(sets: list[dict[str, FoundTable]]) -> list[dict[str, FoundTable]]:
    """Returns those with sessions, then those whose columns are all there, if any are."""

    def is_whole(found: Mapping[str, FoundTable]) -> bool:
        return all(len(found[name].columns) == len(COLUMNS[name]) for name in found)

    for is_better in (lambda found: "session" in found, is_whole):
        better = [found for found in sets if is_better(found)]
        sets = better or sets
    return sets


def _list_candidates(
    tables: Iterable[CatalogTable], name: str, options: NameOptions
) -> list[FoundTable]:
    if name in options.tables:
        chosen = options.tables[name]
        exact = [table for table in tables if table.name == chosen]
        alike = exact or [table for table in tables if table.name.lower() == chosen.lower()]
        return [_match(table, name, options) for table in alike]
    typical, enough = _TYPICAL[name]
    fields = options.fields.get(name)
    named = _ACCOUNT_NAMES if name == "account" else typical
    return [
        _match(table, name, options)
        for table in tables
        if len(found := match_columns(table, typical, fields)) >= enough
        and not found.keys().isdisjoint(named)
    ]


def _match(table: CatalogTable, name: str, options: NameOptions) -> FoundTable:
    return FoundTable(table, match_columns(table, COLUMNS[name], options.fields.get(name)))


def _find_referred(child: FoundTable) -> tuple[str, str] | None:
    column = child.columns.get("userId")
    return None if column is None else child.table.references.get(column)


def _is_of_user(
    child: FoundTable, user: FoundTable, name: str, users: Iterable[FoundTable]
) -> bool:
    """Whether a foreign key says so. Without one, the schema and the names decide."""
    referred = _find_referred(child)
    if referred is not None:
        return (
            fold_name(referred[1]) == fold_name(user.table.name)
            and referred[0] == user.table.schema
        )
    affix = _remove_word(child.table.name, name)
    near = [each for each in users if each.table.schema == child.table.schema]
    named_alike = [each for each in near if _remove_word(each.table.name, "user") == affix]
    return any(each.table.key == user.table.key for each in named_alike or near)


def _find_beside(
    tables: Sequence[CatalogTable], name: str, options: NameOptions, user: FoundTable
) -> FoundTable | None:
    """Returns the one in the schema of the users, by its name if there are more."""
    found = _list_candidates(tables, name, options)
    near = [each for each in found if each.table.schema == user.table.schema]
    affix = _remove_word(user.table.name, "user")
    named_alike = [each for each in near if _remove_word(each.table.name, name) == affix]
    chosen = named_alike if len(near) > 1 and named_alike else near
    if len(chosen) > 1:
        names = " and ".join(_quote(each.table) for each in chosen)
        raise TablesNotClear(
            f"{names} both fit Better Auth's {name}: choose one with"
            f" {format_table_variable(name)}_MODEL_NAME"
        )
    return chosen[0] if chosen else None


def _describe_sets(sets: Sequence[Mapping[str, FoundTable]]) -> str:
    differing = [
        name
        for name in _LEADING
        if len({found[name].table.key for found in sets if name in found}) > 1
    ]
    name = differing[0] if differing else "user"
    tables = {found[name].table.key: found[name].table for found in sets if name in found}
    names = " and ".join(_quote(table) for table in tables.values())
    schemas = {table.schema for table in tables.values()}
    variables = ", ".join(f"{format_table_variable(each)}_MODEL_NAME" for each in differing)
    if len(schemas) > 1:
        return (
            f"{names} both fit Better Auth's {name}: choose the schema with ?schema= in"
            " DATABASE_URL"
        )
    return f"{names} both fit Better Auth's {name}: choose with {variables}"


def _quote(table: CatalogTable) -> str:
    return f'"{table.schema}"."{table.name}"' if table.schema else f'"{table.name}"'


def _remove_word(table: str, name: str) -> str | None:
    """Returns the rest of a table's name without Better Auth's: `auth_s` for `auth_users`."""
    folded, word = table.lower(), name.lower()
    return None if word not in folded else folded.replace(word, "", 1)


def fold_name(name: str) -> str:
    """Returns the name without underscores and capitals, which tools write as they like."""
    return name.replace("_", "").lower()
