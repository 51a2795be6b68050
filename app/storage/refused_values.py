"""Values that the database refuses: the log gets its message, the client a refusal."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DataError, IntegrityError, StatementError

from ..models.errors import Refusal
from ..models.telemetry.log_events import log_event

# Of PostgreSQL's appendix A: data exceptions, constraints, what is too long for an index, and what
# a trigger raises.
_REFUSED: Final = ("22", "23", "54000", "P0001")
_SHOWN: Final = 200  # characters
_TELLING: Final = 3  # characters of a value that are worth hiding: "a" is in every sentence
_ADDRESS: Final = re.compile(r"[^\s\"'()]+@[^\s\"'()]+")
_log = logging.getLogger("better_auth.store")


def has_nul(text: str) -> bool:
    """Whether the text has a NUL, which PostgreSQL neither stores nor looks for."""
    return "\0" in text


@contextmanager
def refuse_values(refusal: type[Refusal]) -> Iterator[None]:
    """Raises the refusal if the database refuses a value."""
    try:
        yield
    except StatementError as error:
        if not is_refused_value(error):
            raise
        log_refusal(error)
        raise refusal from error


def is_refused_value(error: StatementError) -> bool:
    """Whether the database refused a value: a constraint, a length, a character."""
    if isinstance(error, IntegrityError | DataError) or isinstance(
        error.orig, ValueError | OverflowError
    ):
        return True
    state = getattr(error.orig, "sqlstate", None)
    return isinstance(state, str) and state.startswith(_REFUSED)


def log_refusal(error: StatementError) -> None:
    """Logs which constraint or trigger it was."""
    log_event(_log, "database refused a value", logging.WARNING, reason=describe_refusal(error))


def describe_refusal(error: StatementError) -> str:
    """Returns the message of the database without values, detail and hint."""
    cause = getattr(error.orig, "__cause__", None)
    sentence = str(getattr(cause, "message", None) or error.orig).partition("\n")[0]
    if not isinstance(error, IntegrityError):  # those name tables and constraints alone
        for value in sorted(_collect_texts(error.params), key=len, reverse=True):
            sentence = sentence.replace(value, "…")
    return _ADDRESS.sub("…", sentence)[:_SHOWN]


def _collect_texts(parameters: object) -> Iterator[str]:
    """Returns all text values of the parameters, also nested ones."""
    if isinstance(parameters, Mapping):
        parameters = list(parameters.values())
    if isinstance(parameters, Sequence) and not isinstance(parameters, str | bytes):
        for each in parameters:
            yield from _collect_texts(each)
    elif len(text := str(parameters)) >= _TELLING:
        yield text
