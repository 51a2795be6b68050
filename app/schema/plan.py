"""What a migration must do: `migrate.py` plans it, `upgrade.py` does it."""

from collections.abc import Iterator

from msgspec import Struct, json

from ..models.layout import Layout
from .columns import RequiredColumn
from .comparison import AddedColumn
from .names import (
    ORIGIN_TABLE,
    VERSION_TABLE,
    quote_column,
    quote_name,
    quote_path,
    quote_table,
)


class MigrationPlan(Struct, frozen=True):
    """Upgrades `branches` from `revisions` to their heads, then adds columns.

    A table that is created has all its `columns` from the start; existing ones get those that are
    `missing` or `added`. `folders` have the migrations of all plugins, `tables` are the names of
    those that branches of plugins make. `layout` is that of the tables afterwards, `recorded` that
    of before. `created` are the tables of Better Auth and of plugins that are not there yet.

    On PostgreSQL, `schema` is the first one of the search path, `own_schema` that of this service's
    own tables, `moved_from` the one in which an older release made them.
    """

    branches: tuple[str, ...]
    folders: tuple[str, ...]
    tables: tuple[str, ...]
    adopted: bool
    revisions: tuple[str, ...]
    columns: tuple[RequiredColumn, ...]
    missing: tuple[RequiredColumn, ...]
    added: tuple[AddedColumn, ...] = ()
    layout: Layout = Layout()
    recorded: Layout | None = None
    created: frozenset[str] = frozenset()
    schema: str = ""
    own_schema: str = ""
    moved_from: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        changes = (self.branches, self.missing, self.added, self.created)
        return not any(changes) and self.moved_from is None and self.layout == self.recorded

    def list_first_statements(self) -> Iterator[str]:
        """Returns the statements that run before the migrations."""
        if self.own_schema and (self.moved_from is not None or not self.revisions):
            # Only then, because it demands a right that the role may not have.
            yield f"create schema if not exists {quote_name(self.own_schema)}"
        if self.moved_from is not None:
            for table in (VERSION_TABLE, ORIGIN_TABLE):
                old = quote_path(self.moved_from, table)
                yield f"alter table {old} set schema {quote_name(self.own_schema)}"
        if self.remakes_keys:
            time = "timestamptz" if self.own_schema else "date"
            yield (
                f"create table {self.quote_table('jwks')} (id text not null primary key,"
                ' "publicKey" text not null, "privateKey" text not null,'
                f' "createdAt" {time} not null, "expiresAt" {time}, alg text, crv text)'
            )

    @property
    def remakes_keys(self) -> bool:
        """Whether the table of keys is created again, which another program dropped."""
        return bool(self.revisions) and self.is_missing("jwks")

    def list_last_statements(self) -> Iterator[str]:
        """Returns the statements that run after the migrations."""
        for column in self.missing:
            yield from column.list_statements()
        for added in self.added:
            yield added.render_statement()
        layout = json.encode(self.layout).decode().replace("'", "''")
        origins = quote_path(self.own_schema, ORIGIN_TABLE)
        yield f"update {origins} set layout = '{layout}'"  # noqa: S608  # quoted

    def find_search_path(self, branch: str) -> str | None:
        """Returns the schemas in which the tables of a branch are made; None: as connected.

        On PostgreSQL the tables that are not Better Auth's do not go into a schema that a Node
        server's tools look after.
        """
        tasks = self.layout.describe_table("tasks")
        is_elsewhere = branch == "tasks" and tasks.schema is None  # there is one already
        if branch == "core" or is_elsewhere or not self.adopted:
            return None
        return self.own_schema or None

    @property
    def origin_table(self) -> str:
        """Returns the SQL name of the table that says who made the database, for a migration."""
        return _escape(quote_path(self.own_schema, ORIGIN_TABLE))

    @property
    def id_type(self) -> str:
        """Returns the type of a column that refers to the id of a user."""
        return "uuid" if self.layout.has_uuid_users else "text"

    @property
    def key_definition(self) -> str:
        """Returns what the column `id` of a plugin's table is.

        Where ids are UUIDs, a Node server leaves it to the database to make them.
        """
        made = " default pg_catalog.gen_random_uuid()" if self.id_type == "uuid" else ""
        return f"text{made} not null primary key"

    def get_id_type(self, table: str) -> str:
        """Returns the type of a column that refers to the id of this table."""
        form = self.layout.describe_table(table).describe_column("id").form
        return "uuid" if form == "uuid" else "text"

    def is_missing(self, table: str) -> bool:
        """Whether a migration must create this table."""
        return table in self.created

    def quote_table(self, table: str) -> str:
        """Returns the SQL name of a table of Better Auth or of a plugin, for a migration."""
        return _escape(quote_table(self.layout, table))

    def quote_column(self, table: str, column: str) -> str:
        """Returns the SQL name of a column of Better Auth or of a plugin, for a migration."""
        return _escape(quote_column(self.layout, table, column))

    def quote_index(self, table: str, column: str) -> str:
        """Returns the SQL name of the index of a column, for a migration."""
        name = self.layout.describe_table(table).name
        return _escape(quote_name(f"{name}_{self.layout.find_column(table, column)}_idx"))

    def is_native(self, table: str) -> bool:
        """Whether Better Auth's own migration made this table, so that it may get an index."""
        known = self.layout.tables.get(table)
        if known is None:
            return True
        renamed = any(column.name != key for key, column in known.columns.items())
        return known.name == table and known.schema is None and not renamed

    def render_columns(self, table: str) -> str:
        """Returns the additional columns for CREATE TABLE of a core table."""
        return _escape(
            "".join(f", {column.inline}" for column in self.columns if column.table == table)
        )


def _escape(sql: str) -> str:
    """Escapes colons, which begin a parameter in the text of a migration."""
    return sql.replace(":", r"\:")
