"""The JSON of tasks: in responses, to create one, to change one."""

import re
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from ..storage.refused_values import has_nul
from .due_dates import DUE_DATE, read_due_date

# PostgreSQL can't store NUL. The rest is what either Python or JavaScript takes for a blank.
TEXT = r"^[^\x00]*$"
_NOT_BLANK = r"^[^\x00]*[^\s\x00\x1c-\x1f\x85\ufeff][^\x00]*$"

Priority = Literal["low", "medium", "high"]
Title = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        extra_json_schema={"pattern": _NOT_BLANK},
        examples=["Buy milk"],
    ),
]
Description = Annotated[
    str, Meta(max_length=1000, extra_json_schema={"pattern": TEXT}, examples=["Two litres"])
]
Tag = Annotated[str, Meta(min_length=1, max_length=50, extra_json_schema={"pattern": TEXT})]
Tags = Annotated[list[Tag], Meta(max_length=20, examples=[["home", "food"]])]
TaskTimestamp = Annotated[
    str, Meta(extra_json_schema={"format": "date-time"}, examples=["2026-11-30T00:00:00.000Z"])
]
DueDate = Annotated[
    str,
    Meta(
        max_length=40,
        extra_json_schema={"pattern": DUE_DATE},
        description="An ISO 8601 date or date-time; without a zone it is UTC.",
        examples=["2026-11-30"],
    ),
]

Columns = dict[str, object]


class Task(Struct, frozen=True):
    """A task of one user; times are UTC with three decimals."""

    id: int
    user_id: str
    title: str
    description: str | None
    completed: bool
    priority: Priority | None
    due_date: TaskTimestamp | None
    tags: list[str]
    created_at: TaskTimestamp
    updated_at: TaskTimestamp


class NewTask(Struct, frozen=True):
    """A task to make; unknown fields are ignored, `user_id` too: the token says whose it is."""

    title: Title
    description: Description | None = None
    completed: bool = False
    priority: Priority | None = None
    due_date: DueDate | None = None
    tags: Tags | None = None

    def __post_init__(self) -> None:
        _check(self.to_columns())

    def to_columns(self) -> Columns:
        """Returns the values to store."""
        return _to_stored(asdict(self))


class TaskChanges(Struct, frozen=True):
    """What to change; a field that is left out stays, null empties one that may be empty."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    completed: bool | UnsetType = UNSET
    priority: Priority | UnsetType | None = UNSET
    due_date: DueDate | UnsetType | None = UNSET
    tags: Tags | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        _check(self.to_columns())

    def to_columns(self) -> Columns:
        """Returns the values to change, as they are stored."""
        sent = {name: value for name, value in asdict(self).items() if value is not UNSET}
        return _to_stored(sent)


class Completion(Struct, frozen=True):
    """The value of `completed`. A repeated request changes nothing."""

    completed: bool | UnsetType = UNSET


def _to_stored(fields: Columns) -> Columns:
    if isinstance(due_date := fields.get("due_date"), str):
        fields["due_date"] = _parse_due_date(due_date)
    if "tags" in fields:
        fields["tags"] = fields["tags"] or []
    return fields


def _parse_due_date(due_date: str) -> str:
    kept = read_due_date(due_date)
    if kept is None:
        raise _create_fault("due_date", "Expected an ISO 8601 date or date-time")
    return kept


def _check(fields: Columns) -> None:
    for name, value in fields.items():
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and has_nul(text) for text in texts):
            raise _create_fault(name, "Expected text without NUL characters")
    if isinstance(title := fields.get("title"), str) and not re.fullmatch(_NOT_BLANK, title):
        raise _create_fault("title", "Expected text that is not blank")


def _create_fault(field: str, message: str) -> ValueError:
    # msgspec's own way to name the place, so that one reader understands both.
    return ValueError(f"{message} - at `$.{field}`")
