"""Types of options: ranges, time spans, secrets, and names of tables."""

from collections.abc import Mapping
from typing import Annotated, Final, TypeVar, get_args

from msgspec import Struct

CENTURY: Final = 100 * 365 * 24 * 3600  # seconds; no calendar goes beyond


class Range(Struct, frozen=True):
    """The whole numbers that are valid for an option."""

    least: int
    most: int = CENTURY


class Secrecy(Struct, frozen=True):
    """The value is secret: never shown, and possible as a file."""


class TimeSpan(Struct, frozen=True):
    """Written like `15m`, `2h` or `7d`, kept as seconds."""


class JsonText(Struct, frozen=True):
    """Written as JSON of the option's type. A message about other text shows the example."""

    example: str


SecretText = Annotated[str, Secrecy()]
Duration = Annotated[int, TimeSpan()]

# The names of columns in the database, by Better Auth's names (`fields`).
ColumnNames = Mapping[str, str]


class TableNames(Struct, frozen=True, kw_only=True):
    """`modelName` and `fields` of a table."""

    model_name: str | None = None
    fields: ColumnNames | None = None


M = TypeVar("M", Range, Secrecy, TimeSpan, JsonText)


def find_mark(annotation: object, kind: type[M]) -> M | None:
    """Returns the mark of this kind on a type, also inside `| None`. None if there is none."""
    for part in get_args(annotation):
        if isinstance(part, kind):
            return part
        if (found := find_mark(part, kind)) is not None:
            return found
    return None
