"""Ages on the command line, such as `30d`."""

from datetime import datetime

from ...settings.environment import SettingsError
from ..time_spans import parse_time_span


def find_limit(age: str | None, now: datetime) -> datetime | None:
    """Returns the time that was so long ago, None without an age. Raises `SettingsError`."""
    if age is None:
        return None
    span = parse_time_span(age)
    try:
        if span is not None:
            return now - span
    except OverflowError:
        pass
    raise SettingsError((f"--older-than {age}: give a number and s, m, h, d or w, such as 30d",))
