"""The statements that read sessions, with the names and types that a database has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import TextClause, text

from .catalog import Catalog, CatalogTable
from .table_names import COLUMNS, NameOptions, format_table_variable
from .table_search import (
    FoundTable,
    FoundTables,
    find_session_tables,
    find_tables_elsewhere,
    fold_name,
    match_columns,
)

IdKind = Literal["text", "uuid", "integer"]

MARKS: Final = ("banned", "twoFactorEnabled")
"""The columns of the admin and the two-factor plugin, whose users get no token."""
BAN_EXPIRES: Final = "banExpires"
"""The column with the end of a ban."""
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "session": ("id", "expiresAt", "token", "userId"),
    "user": ("id", "email", "name"),
}
_INTEGERS: Final = frozenset({"bigint", "integer", "smallint"})
_LARGEST_ID: Final = 2**63 - 1


class NoSessions(Exception):
    """The database has no table of sessions that can be read. The message has no full stop."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A statement with its parameters."""

    statement: TextClause
    parameters: Mapping[str, object]


class SessionStatements:
    """Finds a session and its user by the token, or by the id of the session.

    A row has the session's id and expiry, the user's id, email and name, and then columns of the
    user, among them the marks. `missing` says what is wrong if there are no such tables.
    """

    def __init__(
        self, tables: FoundTables, dialect: str, missing: str, marks: Mapping[str, str]
    ) -> None:
        """`marks` are the columns of marks that settings name."""
        session, user = tables["session"], tables["user"]
        select = _write_select(session, user, dialect, marks)
        self.missing = missing
        self._id_kind: IdKind = _read_id_kind(session) if dialect == "postgresql" else "text"
        at = {"text": ":id", "uuid": "CAST(:id AS uuid)", "integer": "CAST(:id AS bigint)"}
        self._by_token = text(f"{select} WHERE {_quote_column('s', session, 'token')} = :token")
        self._by_id = text(
            f"{select} WHERE {_quote_column('s', session, 'id')} = {at[self._id_kind]}"
        )
        self._none = text(f"{select} WHERE 1 = 0")

    def select_by_token(self, token: str) -> Lookup:
        """Returns the lookup of the session with this token."""
        return Lookup(self._by_token, {"token": token})

    def select_by_id(self, session_id: str) -> Lookup | None:
        """Returns the lookup of the session with this id.

        None if no id of the column's type can be this text.
        """
        value = _read_id(session_id, self._id_kind)
        return None if value is None else Lookup(self._by_id, {"id": value})

    def select_nothing(self) -> Lookup:
        """Returns a lookup that finds nothing, and fails without the tables."""
        return Lookup(self._none, {})


def make_statements(catalog: Catalog, options: NameOptions) -> SessionStatements:
    """Returns the statements for the tables that are found in `catalog`.

    Without any they are Better Auth's names, which may be views. Raises TablesNotClear and
    NoSessions.
    """
    found = find_session_tables(catalog, options)
    missing = _explain_missing(catalog, found, options)
    tables = {
        name: found.get(name) or _get_named_table(catalog, name, options, missing)
        for name in _NEEDED
    }
    for name, each in tables.items():
        for column in _list_missing(each, name):
            raise NoSessions(
                f'"{each.table.name}" has no column for {column!r} of Better Auth\'s {name}: name'
                f" it with {format_table_variable(name)}_FIELDS"
            )
    marks = _find_named_marks(tables["user"], options)
    return SessionStatements(tables, catalog.dialect, missing, marks)


def _find_named_marks(user: FoundTable, options: NameOptions) -> dict[str, str]:
    """Returns the columns of the marks that `fields` names. Raises NoSessions without one."""
    fields = options.fields.get("user", {})
    named = [mark for mark in MARKS if mark in fields]
    found = match_columns(user.table, named, fields)
    for mark in named:
        if mark not in found:
            raise NoSessions(
                f'BETTER_AUTH_USER_FIELDS: "{user.table.name}" has no column "{fields[mark]}" for'
                f" {mark}"
            )
    return found


def _get_named_table(catalog: Catalog, name: str, options: NameOptions, missing: str) -> FoundTable:
    """Returns the table of this name, which is none of a whole set, or what may be a view.

    Raises NoSessions if it is of somebody else.
    """
    chosen, fields = options.tables.get(name, name), options.fields.get(name, {})
    table = catalog.find(chosen)
    if table is None:
        columns = {column: fields.get(column, column) for column in COLUMNS[name]}
        return FoundTable(CatalogTable(chosen, {}), columns)
    found = FoundTable(table, match_columns(table, COLUMNS[name], fields))
    if name not in options.tables and any(_list_missing(found, name)):
        raise NoSessions(missing)
    return found


def _list_missing(found: FoundTable, name: str) -> Iterator[str]:
    return (column for column in _NEEDED[name] if column not in found.columns)


def _explain_missing(catalog: Catalog, found: FoundTables, options: NameOptions) -> str:
    """Returns why there are no sessions, if there are none."""
    for name in _NEEDED:
        chosen = options.tables.get(name)
        if chosen is not None and catalog.find(chosen) is None:
            return f"{format_table_variable(name)}_MODEL_NAME: there is no table {chosen!r}"
    if "user" in found:
        return (
            "this database contains no sessions of Better Auth; if they are in Redis only, verify"
            " tokens, or set BETTER_AUTH_SESSION_STORE_SESSION_IN_DATABASE=true"
        )
    if elsewhere := find_tables_elsewhere(catalog, options):
        schema = elsewhere["user"].table.schema
        return f"Better Auth's tables are in another schema: add ?schema={schema}"
    user, session = (format_table_variable(name) for name in ("user", "session"))
    return (
        "this database contains no tables of Better Auth; if they have other names, set"
        f" {user}_MODEL_NAME, {session}_MODEL_NAME and their _FIELDS, as at the service"
    )


def _write_select(
    session: FoundTable, user: FoundTable, dialect: str, named: Mapping[str, str]
) -> str:
    columns = [
        _quote_column("s", session, "id"),
        _write_expiry(session, dialect),
        *(_quote_column("better_auth_user", user, column) for column in _NEEDED["user"]),
    ]
    tables = (
        f" FROM {_quote_table(session)} AS s JOIN {_quote_table(user)} AS better_auth_user"
        f" ON {columns[2]} = {_quote_column('s', session, 'userId')}"
    )
    if dialect == "sqlite":
        columns += [
            f"better_auth_user.{_quote(name)} AS {_quote(mark)}" for mark, name in named.items()
        ]
        return f"SELECT {', '.join(columns)}, better_auth_user.*{tables}"  # quoted
    # A mark counts from the day that a plugin adds its column, so that none is named as a column.
    every = [*named.items(), *((name, name) for name in _list_marks(user))]
    marks = [f"marks.of_user->{_quote_text(name)} AS {_quote(mark)}" for mark, name in every]
    return (
        f"SELECT {', '.join(columns + marks)}{tables} CROSS JOIN LATERAL"  # quoted
        " (SELECT to_jsonb(better_auth_user) AS of_user OFFSET 0) AS marks"
    )


def _write_expiry(session: FoundTable, dialect: str) -> str:
    """PostgreSQL holds timestamps of years that its driver can't read."""
    column = _quote_column("s", session, "expiresAt")
    known = session.table.columns.get(session.columns["expiresAt"])
    is_timestamp = known is None or known.type.startswith("timestamp")
    if dialect == "sqlite" or not is_timestamp:
        return column
    return (
        f"CASE WHEN {column} > '9999-12-30' THEN '9999-12-30'"
        f" WHEN {column} > '0001-01-03' THEN {column} END"
    )


def _list_marks(user: FoundTable) -> dict[str, None]:
    """Returns the names of the marks as tools may write them, and as this table does.

    Also those of the end of a ban.
    """
    read = (*MARKS, BAN_EXPIRES)
    written = (spelling for mark in read for spelling in (mark, _to_snake_case(mark), mark.lower()))
    marks = {fold_name(mark) for mark in read}
    there = (column for column in user.table.columns if fold_name(column) in marks)
    return dict.fromkeys((*written, *there))


def _to_snake_case(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)


def _read_id_kind(session: FoundTable) -> IdKind:
    known = session.table.columns.get(session.columns["id"])
    if known is None:
        return "text"
    return "uuid" if known.type == "uuid" else "integer" if known.type in _INTEGERS else "text"


def _read_id(session_id: str, kind: IdKind) -> str | int | None:
    if kind == "uuid":
        try:
            return str(UUID(session_id))
        except ValueError:
            return None
    if kind == "integer":
        is_number = session_id.isascii() and session_id.isdecimal()
        is_id = is_number and len(session_id) <= len(str(_LARGEST_ID))
        return int(session_id) if is_id and int(session_id) <= _LARGEST_ID else None
    return session_id


def _quote_table(found: FoundTable) -> str:
    schema = f"{_quote(found.table.schema)}." if found.table.schema else ""
    return schema + _quote(found.table.name)


def _quote_column(alias: str, found: FoundTable, column: str) -> str:
    return f"{alias}.{_quote(found.columns[column])}"


def _quote(name: str) -> str:
    return _escape('"' + name.replace('"', '""') + '"')


def _quote_text(value: str) -> str:
    return _escape("'" + value.replace("'", "''") + "'")


def _escape(quoted: str) -> str:
    """Escapes colons, which begin a parameter in SQLAlchemy's text."""
    return quoted.replace(":", r"\:")
