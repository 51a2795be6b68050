"""What a migration must do: `migrate.py` plans it, `upgrade.py` does it."""

from msgspec import Struct

from .columns import RequiredColumn


class MigrationPlan(Struct, frozen=True):
    """Upgrades `branches` from `revisions` to their heads, then adds the `missing` columns.

    A core table that is created has all `columns` from the start. `folders` have the migrations of
    all plugins, `tables` are the names of those that branches of plugins make.
    """

    branches: tuple[str, ...]
    folders: tuple[str, ...]
    tables: tuple[str, ...]
    adopted: bool
    revisions: tuple[str, ...]
    columns: tuple[RequiredColumn, ...]
    missing: tuple[RequiredColumn, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.branches and not self.missing

    @property
    def column_statements(self) -> list[str]:
        """Returns the statements that add the missing columns."""
        return [statement for column in self.missing for statement in column.list_statements()]

    def render_columns(self, table: str) -> str:
        """Returns the additional columns for CREATE TABLE of a core table."""
        return "".join(f", {column.inline}" for column in self.columns if column.table == table)
