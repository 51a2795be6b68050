"""Refuses sessions to users whom plugins of a Node server restrict, if those are off here.

The admin plugin's `banned` and the two-factor plugin's `twoFactorEnabled` are columns that only an
adopted `user` table has.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, bindparam, literal_column, select

from ..models.errors import Refusal
from ..models.tables import RESTRICTION_COLUMNS, users
from ..storage.database import Database
from .errors import BannedUser, TwoFactorRequired
from .hooks import PendingSession, Values

_REFUSALS: Final[dict[str, type[Refusal]]] = {
    "banned": BannedUser,
    "twoFactorEnabled": TwoFactorRequired,
}


class Restrictions:
    """The restrictions of this database. `present`: its columns in `user`."""

    def __init__(self, present: frozenset[str]) -> None:
        self._refusals = {name: _REFUSALS[name] for name in RESTRICTION_COLUMNS if name in present}

    def list_columns(self) -> list[ColumnElement[bool]]:
        """Returns the columns that a SELECT from `user` must also read."""
        return [literal_column(f'"user"."{name}"').label(name) for name in self._refusals]

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
