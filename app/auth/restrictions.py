"""Refuses users whom plugins of a Node server restrict.

The admin plugin's `banned` and the two-factor plugin's `twoFactorEnabled` are columns that only an
adopted `user` table has.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, literal_column

from ..models.errors import BannedUser, Refusal, TwoFactorRequired

_REFUSALS: dict[str, type[Refusal]] = {
    "banned": BannedUser,
    "twoFactorEnabled": TwoFactorRequired,
}
MARKS: Final = tuple(_REFUSALS)


class Restrictions:
    """The restrictions of this database. `present`: its columns in `user`."""

    def __init__(self, present: frozenset[str]) -> None:
        self._refusals = {name: kind for name, kind in _REFUSALS.items() if name in present}

    def columns(self) -> list[ColumnElement[bool]]:
        """Returns the columns that a SELECT from `user` must also read."""
        return [literal_column(f'"user"."{name}"').label(name) for name in self._refusals]

    def refusal(self, marks: Sequence[object]) -> type[Refusal] | None:
        """Returns the refusal for the values of `columns()`, or None."""
        pairs = zip(self._refusals.values(), marks, strict=True)
        return next((refusal for refusal, mark in pairs if mark), None)
