"""The migrations of a plugin."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from sqlalchemy import Table


class PersonalTable(Struct, frozen=True):
    """A table with rows that concern one person.

    `owner` is the column that has the id of the user, or the address if it is `email`. `hidden` are
    columns that are never shown, because they let one in.
    """

    table: Table
    owner: str
    hidden: tuple[str, ...] = ()


class Branch(Struct, frozen=True):
    """A branch of its own, in a folder of its own, which makes `tables`.

    `label` is Alembic's name of it, `revisions` are in order, the head last. `typical`: the columns
    by which a table is found that a Node server made under another name. `personal` are the tables
    that a person's own data is in.
    """

    label: str
    folder: Path
    revisions: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    typical: Mapping[str, tuple[str, ...]] = {}
    personal: tuple[PersonalTable, ...] = ()

    @property
    def head(self) -> str:
        return self.revisions[-1]
