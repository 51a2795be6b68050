"""What a check of `doctor` found: one line, and how to remedy it."""

from enum import StrEnum

from msgspec import Struct


class Result(StrEnum):
    """How serious it is. Only `WRONG` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    UNCHECKED = "not checked"


class Finding(Struct, frozen=True):
    """The result of a check. `remedy` is None where there is nothing to do."""

    check: str
    result: Result
    line: str
    remedy: str | None = None
