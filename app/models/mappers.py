"""Maps users and sessions between a Struct, which is their JSON, and a table."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from msgspec import UNSET, Struct, UnsetType, defstruct, structs
from sqlalchemy import Column, Table

from .additional_columns import with_columns
from .additional_fields import AdditionalField, AdditionalFields, collect_defaults
from .records import Record, Session, StoredSession, User
from .tables import Tables

R = TypeVar("R", bound=Record)
Fields = Mapping[str, Any]  # of a record, by name


class Mapper(Generic[R]):
    """The fields of a record, in wire order with `id` last, and their columns.

    An additional field has the same name in JSON and as attribute. With `returned: false` it has
    only a column. `generate_id` makes the id of a new record. A field of a new record that is not
    said is `unset`: None, or UNSET if it is left out of the JSON.
    """

    def __init__(
        self,
        record_type: type[R],
        table: Table,
        additional: tuple[AdditionalField, ...],
        generate_id: Callable[[], str],
        unset: UnsetType | None = None,
    ) -> None:
        self.record_type = _extend(record_type, additional, unset)
        self.table = table
        self.generate_id = generate_id
        self.additional = additional
        named = {field.name: table.c[field.column] for field in additional}
        shown = structs.fields(self.record_type)
        core = {f.name: table.c[f.encode_name] for f in shown if f.name not in named}
        self._column_of = {**core, **named}
        self.columns: Sequence[Column[object]] = tuple(self._column_of[f.name] for f in shown)

    def to_record(self, row: Sequence[object]) -> R:
        """Returns the record of a row of `columns`."""
        return self.record_type(*row[:-1], id=str(row[-1]))

    def make_record(self, core: Fields, additional: Mapping[str, object]) -> R:
        """Returns a record that is in no table yet, without hidden fields."""
        shown: Fields = {
            name: value
            for name, value in additional.items()
            if name in self.record_type.__struct_fields__
        }
        return self.record_type(**core, **shown)

    def to_columns(self, changes: Mapping[str, object]) -> dict[str, object]:
        """Returns the values for these fields, given by attribute, by the key of their column."""
        return {self._column_of[name].key: value for name, value in changes.items()}

    def to_row(self, record: R) -> dict[str, object]:
        """Returns the row of a new record, by column. Hidden fields get their defaults."""
        shown = {name: getattr(record, name) for name in self.record_type.__struct_fields__}
        return self.to_columns({**collect_defaults(self.additional), **shown})


class Mappers(Struct, frozen=True):
    """The mappers of the records that can have additional fields."""

    user: Mapper[User]
    session: Mapper[Session]


def make_mappers(
    fields: AdditionalFields, dialect: str, tables: Tables, *, stored: bool = False
) -> Mappers:
    """Returns the mappers of users and sessions with these additional fields.

    `stored`: sessions are only in secondary storage, with their fields in another order, and
    without those that have no value.
    """
    session = cast("type[Session]", StoredSession) if stored else Session
    layout, generate_id = tables.layout, tables.generate_id
    user_table = with_columns(tables.users, fields.user, dialect, layout.describe_table("user"))
    session_table = with_columns(
        tables.sessions, fields.session, dialect, layout.describe_table("session")
    )
    return Mappers(
        Mapper(User, user_table, fields.user, generate_id),
        Mapper(session, session_table, fields.session, generate_id, UNSET if stored else None),
    )


def _extend(
    kind: type[R], additional: tuple[AdditionalField, ...], unset: UnsetType | None
) -> type[R]:
    if not additional:
        return kind
    fields = [(field.name, object, unset) for field in additional if field.returned]
    return cast("type[R]", defstruct(kind.__name__, fields, bases=(kind,), frozen=True))
