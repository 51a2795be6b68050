"""The migrations of a plugin."""

from pathlib import Path

from msgspec import Struct
from sqlalchemy import Table


class Branch(Struct, frozen=True):
    """A branch of its own, in a folder of its own, which makes `tables`.

    `label` is Alembic's name of it, `revisions` are in order, the head last.
    """

    label: str
    folder: Path
    revisions: tuple[str, ...]
    tables: tuple[Table, ...] = ()

    @property
    def head(self) -> str:
        return self.revisions[-1]
