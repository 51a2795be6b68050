"""The rows that readers yield: a row as it is in the file, or why it is refused."""

from collections.abc import Mapping

from msgspec import Struct

from ...models.additional_fields import Json


class RawRow(Struct, frozen=True):
    """A row with JSON types, by the names of the file. `line` is its first line."""

    line: int
    fields: Mapping[str, Json]


class RefusedRow(Struct, frozen=True):
    """A row that is not imported. `field` is None if the whole row is wrong.

    It never contains a hash. Its text is for a terminal, so control characters of the file are
    escaped.
    """

    line: int
    field: str | None
    reason: str

    def __str__(self) -> str:
        where = "" if self.field is None else f"{self.field} "
        said = f"line {self.line}: {where}{self.reason}"
        return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in said)


class RowError(Exception):
    """A row is wrong. Raised by readers and rules, caught where the line is known."""

    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason

    def to_refused_row(self, line: int) -> RefusedRow:
        """Returns the refused row; `line` is its first line."""
        return RefusedRow(line, self.field, self.reason)


class UnreadableFile(Exception):
    """No row of the file can be read: one line, with the remedy."""
