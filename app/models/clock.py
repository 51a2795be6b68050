"""Time as the original stores it and sends it: `YYYY-MM-DDTHH:mm:ss.sssZ`, always UTC."""

from datetime import UTC, datetime
from time import time_ns


def now() -> datetime:
    """The present moment in UTC, cut to the milliseconds that can be stored."""
    # A third of the time of `datetime.replace`, and every request asks.
    return datetime.fromtimestamp(time_ns() // 1_000_000 / 1000, UTC)


def to_iso(moment: datetime) -> str:
    """The wire form, as JavaScript's `Date.prototype.toISOString`; it sorts as text.

    `moment` must be aware; digits past the millisecond are cut, as a `Date` cuts them.
    """
    utc = moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:23] + "Z"


def from_iso(text: str) -> datetime:
    """Reads the wire form and whatever else SQLite tables hold, where no zone means UTC.

    Raises ValueError for text that is no ISO 8601 moment, or one before year 1 or after 9999.
    """
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:  # its own year has four digits, that in UTC has not
        raise ValueError(f"not in the years 1 to 9999: {text!r}") from None
