"""Explains what PostgreSQL's driver says behind a pooler such as PgBouncer."""

from typing import Final

# Of PostgreSQL's appendix A: no such prepared statement, one of that name is there already.
LOST_STATEMENT: Final = ("26000", "42P05")
_REFUSED: Final = "unsupported startup parameter"


def suggest_pooler_setting(state: object, message: str) -> str:
    """Returns the remedy as the end of a line. Empty if no pooler is the reason.

    `state` is the SQLSTATE of the error, `message` its first line.
    """
    if state in LOST_STATEMENT:
        return "; behind a transaction pooler such as PgBouncer set DATABASE_PREPARED=false"
    if not message.startswith(_REFUSED):
        return ""
    if "search_path" in message and "options" not in message:
        return "; behind a pooler such as PgBouncer set DATABASE_PREPARED=false"
    return (
        "; a pooler refuses it, so remove it from DATABASE_URL, or set it with"
        " ALTER ROLE … SET in the database"
    )
