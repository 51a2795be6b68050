"""The commands `audit …`."""

from typing import Final, get_args

import click

from ...auth.audit.events import EventName
from ..command_line import Command, Commands, OneOf, list_person_options, make_json_option
from .since import Since

_LIST: Final = Command(
    "list",
    "audit.listing",
    "List what happened, the newest first.",
    [
        *list_person_options(),
        click.Option(
            ["--since"], type=Since(), help="Not before: 30m, 2h, 7d, or a date (UTC) or time."
        ),
        click.Option(
            ["--event"], type=click.Choice(get_args(EventName)), metavar="NAME", help="Only these."
        ),
        click.Option(
            ["--limit"], type=click.IntRange(1), default=100, help="How many at most (100)."
        ),
        make_json_option(),
    ],
    OneOf(("email", "user_id")),
)
AUDIT: Final = Commands("audit", "Audit events: who did what.", (_LIST,))
