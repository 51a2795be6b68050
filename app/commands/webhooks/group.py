"""The commands `webhooks …`."""

from typing import Final

import click

from ..command_line import Command, Commands, OneOf, make_json_option

_CHOSEN: Final = OneOf(("ids", "everything"), required=True)

_LIST: Final = Command(
    "list",
    "webhooks.listing",
    "List what is not delivered, the oldest first.",
    [
        click.Option(["--dead", "dead_only"], is_flag=True, help="Only what was given up."),
        click.Option(
            ["--limit"], type=click.IntRange(1), default=100, help="How many at most (100)."
        ),
        make_json_option(),
    ],
)
_RETRY: Final = Command(
    "retry",
    "webhooks.retrying",
    "Send webhooks again now, also those that were given up.",
    [
        click.Argument(["IDS"], nargs=-1),
        click.Option(["--all", "everything"], is_flag=True, help="All of the list."),
        make_json_option(),
    ],
    _CHOSEN,
)
_SKIP: Final = Command(
    "skip",
    "webhooks.skipping",
    "Give webhooks up, so that later ones of the user are sent.",
    [
        click.Argument(["IDS"], nargs=-1),
        click.Option(["--all", "everything"], is_flag=True, help="All that wait."),
        make_json_option(),
    ],
    _CHOSEN,
)
_SECRET: Final = Command("secret", "webhooks.secret", "Print a new secret for WEBHOOK_SECRET.")
WEBHOOKS: Final = Commands(
    "webhooks", "Webhooks that are not delivered.", (_LIST, _RETRY, _SKIP, _SECRET)
)
