"""Refuses sessions to users whom plugins of a Node server restrict, if those are off here.

The admin plugin's `banned` and the two-factor plugin's `twoFactorEnabled` are columns that only an
adopted `user` table has.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnClause, ColumnElement, Table, bindparam, column, select

from ..models.errors import Refusal
from ..models.layout import TableLayout
from ..models.tables import RESTRICTION_COLUMNS
from ..storage.database import Database
from .errors import BannedUser, TwoFactorRequired
from .hooks import PendingSession, Values

_REFUSALS: Final[dict[str, type[Refusal]]] = {
    "banned": BannedUser,
    "twoFactorEnabled": TwoFactorRequired,
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
