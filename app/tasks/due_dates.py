"""Due dates: one pattern for OpenAPI and the server."""

import re
from datetime import UTC, datetime
from typing import Final

from ..models.clock import from_iso, to_iso

# PostgreSQL's driver can't take the edge of year 1: years of four digits are enough.
_YEAR = "[1-9][0-9]{3}"
_LEAP = "([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)"
_DAY_OF_ANY_YEAR = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    "|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-8]))"
)
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?"
_ZONE = "([Zz]|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])"
# No lookahead, and nothing else that the expressions of Go or Rust do not know.
DUE_DATE: Final = f"^({_YEAR}-{_DAY_OF_ANY_YEAR}|{_LEAP}-02-29)([Tt ]{_CLOCK}{_ZONE}?)?$"

_WRITTEN = re.compile(DUE_DATE)
_LAST = datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)


def read_due_date(text: str) -> str | None:
    """Returns the time to store, or None if the text does not match `DUE_DATE`."""
    if not _WRITTEN.fullmatch(text):
        return None
    try:
        return to_iso(from_iso(text.upper()))
    except ValueError:  # the last evening of 9999, in a zone where it ends later
        return to_iso(_LAST)
