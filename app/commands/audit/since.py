"""The time from which on something is listed."""

from datetime import datetime

import click

from ...models.clock import from_iso
from ...models.clock import now as clock
from ..time_spans import parse_time_span


class Since(click.ParamType[datetime]):
    """A time span before now, such as 2h, or a date or time, in UTC unless it has a zone."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Returns the time. Raises `click.BadParameter`."""
        if isinstance(value, datetime):
            return value
        span = parse_time_span(str(value))
        try:
            return from_iso(str(value)) if span is None else clock() - span
        except (ValueError, OverflowError):
            self.fail("must be a time span such as 30m, 2h or 7d, or a date as 2026-01-31")
