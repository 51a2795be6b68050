"""How many rows a list prints."""

from typing import Final

import click

LIMIT: Final = 100


def list_limit_options() -> list[click.Option]:
    """Returns the options `limit` and `everything`."""
    return [
        click.Option(
            ["--limit"],
            type=click.IntRange(min=1),
            default=LIMIT,
            show_default=True,
            help="At most so many.",
        ),
        click.Option(["--all", "everything"], is_flag=True, help="Without a limit."),
    ]
