"""Messages about a store that cannot be reached: its name, and the driver's message."""

import ssl
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ..bridge.database_url import SqliteUrl, parse_database_url
from ..bridge.poolers import suggest_pooler_setting
from ..models.errors import StoreUnavailable
from ..models.program_name import COMMAND

# Of PostgreSQL's appendix A: a login that is refused, a database that does not exist.
_REFUSED: Final = ("28", "3D000")
_FORBIDDEN: Final = "42501"
_READ_ONLY: Final = "25006"


def describe_unreachable(name: str, refusal: StoreUnavailable) -> str:
    """Returns one line about the store with this name."""
    if name.startswith("PostgreSQL"):
        return f"{name} cannot be reached: {get_driver_message(refusal.__cause__)}"
    return f"{name} cannot be used: {get_driver_message(refusal.__cause__)}"


def describe_with_remedy(name: str, refusal: StoreUnavailable) -> str:
    """Returns the same line, with what to do where that is known."""
    return describe_unreachable(name, refusal) + _suggest_correction(name, refusal)


def get_driver_message(error: BaseException | None) -> str:
    """Returns the first line of the driver's message, with the remedy if a pooler is the reason."""
    found = _get_driver_error(error)
    if isinstance(found, TimeoutError | PoolTimeoutError) or found is None:
        return "no answer in time; is the address right, and is the server running?"
    line = next(iter(str(found).splitlines()), type(found).__name__)
    return line + _suggest_pooler(found)


def suggest_remedy(error: BaseException) -> str:
    """Returns the remedy, if there is a known one, as the end of a line."""
    state = getattr(_get_driver_error(error), "sqlstate", None)
    if state == _READ_ONLY:
        return "; DATABASE_URL must name the primary server and a user who may write"
    if state != _FORBIDDEN:
        return ""
    return (
        "; grant that to the user of DATABASE_URL, or let the owner run what"
        f" `{COMMAND} migrate --sql` prints"
    )


def can_recover(refusal: StoreUnavailable) -> bool:
    """Whether waiting can help. A wrong password stays wrong, and a pooler a pooler."""
    found = _get_driver_error(refusal.__cause__)
    state = getattr(found, "sqlstate", None)
    refused = isinstance(state, str) and state.startswith(_REFUSED)
    refused = refused or _suggest_pooler(found) != ""
    return not refused and not isinstance(found, ssl.SSLError | ValueError)


def get_database_name(url: str) -> str:
    """Returns the name of a database for messages, without user and password.

    Raises `DatabaseUrlError`.
    """
    found = parse_database_url(url)
    return str(found.path) if isinstance(found, SqliteUrl) else found.name


def _suggest_correction(name: str, refusal: StoreUnavailable) -> str:
    found = _get_driver_error(refusal.__cause__)
    if isinstance(found, ssl.SSLError | TimeoutError | PoolTimeoutError):
        return ""
    if name == "Redis":
        return "" if found is None else "; start it, or correct REDIS_URL"
    if not name.startswith("PostgreSQL"):
        return ""
    if str(getattr(found, "sqlstate", "")).startswith(_REFUSED):
        # A pooler refuses like this, too, and its remedy is in the line.
        return "" if _suggest_pooler(found) else "; correct DATABASE_URL"
    return "; start it, or correct DATABASE_URL" if isinstance(found, OSError) else ""


def _suggest_pooler(found: BaseException | None) -> str:
    """Returns the remedy if a pooler is the reason, as the end of a line."""
    return suggest_pooler_setting(getattr(found, "sqlstate", None), str(found))


def _get_driver_error(error: BaseException | None) -> BaseException | None:
    """Returns the driver's error. SQLAlchemy wraps it, for asyncpg twice."""
    while isinstance(error, StoreUnavailable):
        error = error.__cause__
    if isinstance(error, DBAPIError):
        wrapped = error.orig
        return wrapped if wrapped is None or wrapped.__cause__ is None else wrapped.__cause__
    return error
