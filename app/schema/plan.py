"""What is to be done to a schema; made where it is looked at, carried out by `upgrade.py`."""

from msgspec import Struct

from .columns import WantedColumn


class Plan(Struct, frozen=True):
    """Upgrades `branches` from `versions` to their heads, then adds the `absent` columns.

    A core table that is created has all `columns` from the start.
    """

    branches: tuple[str, ...]
    adopted: bool
    versions: tuple[str, ...]
    columns: tuple[WantedColumn, ...]
    absent: tuple[WantedColumn, ...]

    @property
    def is_empty(self) -> bool:
        return not self.branches and not self.absent

    @property
    def additions(self) -> list[str]:
        """Returns the statements that add the absent columns."""
        return [statement for column in self.absent for statement in column.added()]

    def inline(self, table: str) -> str:
        """Returns the additional columns for CREATE TABLE of a core table."""
        return "".join(f", {column.inline}" for column in self.columns if column.table == table)
