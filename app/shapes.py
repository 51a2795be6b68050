"""What users and sessions are made of here: a Struct, which is their JSON, and a table."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar, cast

from msgspec import Struct, structs
from sqlalchemy import Column, Table

from app.models import sessions, users
from app.records import Record, Session, StoredSession, User

R = TypeVar("R", bound=Record)


class Shape(Generic[R]):
    """The fields of a record, in wire order with `id` last, and the columns they are kept in."""

    def __init__(self, kind: type[R], table: Table) -> None:
        self.kind = kind
        self.table = table
        self._column_of = {f.name: table.c[f.encode_name] for f in structs.fields(kind)}
        self.columns: Sequence[Column[object]] = tuple(self._column_of.values())

    def of(self, row: Sequence[object]) -> R:
        """The record of a row of `columns`."""
        *fields, record_id = row
        return self.kind(*fields, id=str(record_id))

    def values(self, record: R) -> dict[str, object]:
        """What the row of a record holds, by column."""
        return {column.name: getattr(record, name) for name, column in self._column_of.items()}

    def changed(self, changes: Mapping[str, object]) -> dict[str, object]:
        """What a row must be set to, by column, when these fields of the record change."""
        return {self._column_of[name].name: value for name, value in changes.items()}


class Shapes(Struct, frozen=True):
    """Those of the records that options can add fields to."""

    user: Shape[User]
    session: Shape[Session]


def shapes(*, stored: bool = False) -> Shapes:
    """The records of Better Auth's core; `stored` where sessions are in no table."""
    session = cast("type[Session]", StoredSession) if stored else Session
    return Shapes(Shape(User, users), Shape(session, sessions))
