"""Refuses sessions to users whom plugins of a Node server restrict, if those are off here.

The admin plugin's `banned` and the two-factor plugin's `twoFactorEnabled` are columns that only an
adopted `user` table has.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnClause, ColumnElement, Table, bindparam, column, select, text

from ..bridge.table_search import fold_name
from ..models.errors import Refusal
from ..models.layout import TableLayout
from ..models.tables import RESTRICTION_COLUMNS
from ..schema.names import quote_path
from ..schema.state import SchemaState
from ..storage.database import Database
from .errors import BannedUser, TwoFactorRequired
from .hooks import BeforeSessionCreated, PendingSession, Values

_REFUSALS: Final[dict[str, type[Refusal]]] = {
    "banned": BannedUser,
    "twoFactorEnabled": TwoFactorRequired,
}
_COLUMNS: Final = {
    "sqlite": "SELECT name FROM pragma_table_info(:table)",
    "postgresql": "SELECT attname::text FROM pg_catalog.pg_attribute WHERE attnum > 0 AND NOT"
    " attisdropped AND attrelid = CAST(CAST(:table AS text) AS regclass)",
}


class Restrictions:
    """The restrictions of this database. `present`: its columns in the table `users`.

    Statements that read `list_columns()` must select from `users`.
    """

    def __init__(self, present: frozenset[str], users: Table, layout: TableLayout) -> None:
        self._refusals = {name: _REFUSALS[name] for name in RESTRICTION_COLUMNS if name in present}
        self.users = users
        self._layout = layout

    def list_columns(self) -> list[ColumnElement[bool]]:
        """Returns the columns that a SELECT from `users` must also read."""
        return [self._make_column(name).label(name) for name in self._refusals]

    def _make_column(self, name: str) -> ColumnElement[bool]:
        """Returns a column without a type: the Node side chose it."""
        made: ColumnClause[bool] = column(self._layout.describe_column(name).name)
        made.table = self.users
        return made

    def find_refusal(self, marks: Sequence[object]) -> type[Refusal] | None:
        """Returns the refusal for the values of `list_columns()`, or None."""
        if not marks:
            return None
        pairs = zip(self._refusals.values(), marks, strict=True)
        return next((refusal for refusal, mark in pairs if mark), None)


class RestrictedUsers:
    """Refuses to sign them in: the default hook for `before_session_created`.

    A session that they have stays theirs, so they may replace it.
    """

    def __init__(self, database: Database, restrictions: Restrictions) -> None:
        self._database = database
        self._restrictions = restrictions
        users = restrictions.users
        theirs = users.c.id == bindparam("user_id")
        self._marks = select(users.c.id, *restrictions.list_columns()).where(theirs)

    async def refuse(self, pending: PendingSession) -> Values:
        """Raises BannedUser, TwoFactorRequired."""
        if pending.replaces:
            return {}
        row = await self._database.read_one(self._marks, {"user_id": pending.user.id})
        refusal = None if row is None else self._restrictions.find_refusal(row[1:])
        if refusal is not None:
            raise refusal
        return {}


class NewMarks:
    """Refuses to sign in users whom a plugin restricts that came after the start of the service.

    For adopted databases, in which the migrations of a Node server add columns. `lifts` are marks
    that do not restrict.
    """

    def __init__(
        self, database: Database, users: Table, schema: SchemaState, lifts: frozenset[str]
    ) -> None:
        self._database = database
        self._users = users
        self._marks = {fold_name(name): name for name in RESTRICTION_COLUMNS if name not in lifts}
        layout = schema.layout.describe_table("user")
        self._known = {layout.describe_column(name).name.lower() for name in schema.restrictions}
        self._columns = text(_COLUMNS[database.dialect])
        is_sqlite = database.dialect == "sqlite"
        self._table = users.name if is_sqlite else quote_path(users.schema, users.name)

    async def refuse(self, pending: PendingSession) -> Values:
        """Raises BannedUser, TwoFactorRequired."""
        if pending.replaces:
            return {}
        there = await self._database.read_all(self._columns, {"table": self._table})
        for (name,) in there:
            mark = self._marks.get(fold_name(name))
            if mark is not None and name.lower() not in self._known:
                await self._check(mark, name, pending.user.id)
        return {}

    async def _check(self, mark: str, name: str, user_id: str) -> None:
        made: ColumnClause[bool] = column(name)
        made.table = self._users
        theirs = select(made).where(self._users.c.id == bindparam("user_id"))
        rows = await self._database.read_all(theirs, {"user_id": user_id})
        if any(value for (value,) in rows):
            raise _REFUSALS[mark]


def list_refusals(
    database: Database, restrictions: Restrictions, schema: SchemaState, lifts: frozenset[str]
) -> list[BeforeSessionCreated]:
    """Returns the hooks that refuse to sign in users whom a Node server restricts."""
    refusals: list[BeforeSessionCreated] = []
    if restrictions.list_columns():
        refusals.append(RestrictedUsers(database, restrictions).refuse)
    if schema.adopted:
        refusals.append(NewMarks(database, restrictions.users, schema, lifts).refuse)
    return refusals
