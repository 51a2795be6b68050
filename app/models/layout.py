"""How one database names and stores Better Auth's tables.

Drizzle, Prisma and the options `modelName` and `fields` give tables and columns other names than
Better Auth's own migration, and other types. `schema` finds a layout, `models.tables` makes the
tables of it.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

# How a column stores times (the first five) and ids (the last).
#
# `timestamp` has no time zone: it is UTC. `iso` is text, `milliseconds` and `seconds` are integers
# since 1970; these three are SQLite's.
Form = Literal["timestamptz", "timestamp", "iso", "milliseconds", "seconds", "uuid"]


class ColumnLayout(Struct, frozen=True, omit_defaults=True):
    """A column: its name in the database. Without `form` it stores as Better Auth itself does."""

    name: str
    form: Form | None = None


class TableLayout(Struct, frozen=True, omit_defaults=True):
    """A table: its name in the database, and its columns by Better Auth's names.

    A column that is not listed has Better Auth's name and type. Without `schema` the table is found
    by the search path.
    """

    name: str
    schema: str | None = None
    columns: Mapping[str, ColumnLayout] = {}

    def describe_column(self, column: str) -> ColumnLayout:
        """Returns name and form of a column in the database."""
        return self.columns.get(column) or ColumnLayout(column)


class Layout(Struct, frozen=True, omit_defaults=True):
    """The tables by Better Auth's names. One that is not listed is as its migration makes it.

    `uuid_ids`: new rows get UUIDs as ids (`advanced.database.generateId`).
    """

    tables: Mapping[str, TableLayout] = {}
    uuid_ids: bool = False

    @property
    def has_uuid_users(self) -> bool:
        """Whether the ids of users are UUIDs to the database."""
        return self.describe_table("user").describe_column("id").form == "uuid"

    def find_column(self, table: str, column: str) -> str:
        """Returns the name of a column in the database."""
        return self.describe_table(table).describe_column(column).name

    def describe_table(self, table: str) -> TableLayout:
        """Returns the layout of a table."""
        return self.tables.get(table) or TableLayout(table)
