"""The commands `keys …`."""

from typing import Final

import click

from ..command_line import Command, Commands, make_json_option

_LIST: Final = Command(
    "list", "keys.listing", "List the key pairs, and which one signs.", [make_json_option()]
)
_ROTATE: Final = Command(
    "rotate",
    "keys.rotation",
    "Make a new pair, which signs at once in every process.",
    [
        click.Option(
            ["--revoke"], is_flag=True, help="Remove the old pairs: their tokens are refused."
        ),
        make_json_option(),
    ],
)
_ROTATE.epilog = "Tokens of the old pairs stay valid for the grace period (30 days by default)."
_PRUNE: Final = Command(
    "prune",
    "keys.pruning",
    "Remove pairs whose grace period is over.",
    [
        click.Option(["--dry-run"], is_flag=True, help="Only print what would be removed."),
        make_json_option(),
    ],
)
KEYS: Final = Commands("keys", "Key pairs of access tokens.", (_LIST, _ROTATE, _PRUNE))
