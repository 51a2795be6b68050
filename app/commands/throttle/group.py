"""The commands `throttle …`."""

from typing import Final

import click

from ..command_line import Command, Commands, OneOf, list_person_options, make_json_option

_LIST: Final = Command(
    "list",
    "throttle.listing",
    "List who is locked out by wrong passwords.",
    [*list_person_options(), make_json_option()],
    OneOf(("email", "user_id")),
)
_CLEAR: Final = Command(
    "clear",
    "throttle.clearing",
    "Forget wrong passwords, so that the person may try again.",
    [
        *list_person_options(),
        click.Option(["--all", "everything"], is_flag=True, help="Those of everybody."),
        make_json_option(),
    ],
    OneOf(("email", "user_id", "everything"), required=True),
)
THROTTLE: Final = Commands("throttle", "Who is locked out by wrong passwords.", (_LIST, _CLEAR))
