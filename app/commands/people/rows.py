"""What readers hand on: a row of a file as it came, or why there is none."""

from collections.abc import Mapping

from msgspec import Struct

from ...models.additional_fields import Json


class Raw(Struct, frozen=True):
    """A row in JSON's types, by the names of the file; `line` is where it begins."""

    line: int
    fields: Mapping[str, Json]


class RefusedRow(Struct, frozen=True):
    """A row that is not imported; `field` is None where the whole of it is wrong.

    Never holds a password's hash. As text it is for a terminal, which signs of the file's own must
    not steer.
    """

    line: int
    field: str | None
    reason: str

    def __str__(self) -> str:
        where = "" if self.field is None else f"{self.field} "
        said = f"line {self.line}: {where}{self.reason}"
        return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in said)


class Flaw(Exception):
    """What is wrong with a row; the reader or the rules raise it, who knows the line catches it."""

    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason

    def at(self, line: int) -> RefusedRow:
        return RefusedRow(line, self.field, self.reason)


class UnreadableFile(Exception):
    """A file of which no row can be read: one line, with the remedy."""
