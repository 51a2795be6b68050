"""The commands `users …`."""

from typing import Final

import click

from ..command_line import BY_PERSON, Command, Commands, list_person_options, make_json_option
from ..limits import list_limit_options

_PASSWORD: Final = click.Option(
    ["--password-stdin", "from_stdin"],
    is_flag=True,
    help="Read the password from the first line of standard input.",
)
_LIST: Final = Command(
    "list",
    "users.listing",
    "List users, by id.",
    [
        click.Option(["--email-contains"], metavar="TEXT", help="Whose address has TEXT in it."),
        click.Option(["--after"], metavar="ID", help="Only those that come after this id."),
        *list_limit_options(),
        make_json_option(),
    ],
)
_CREATE: Final = Command(
    "create",
    "users.creation",
    "Create a user. Nothing is mailed.",
    [
        click.Option(["--email"], required=True, metavar="ADDRESS", help="The mail address."),
        click.Option(["--name"], required=True, help="The name."),
        _PASSWORD,
        click.Option(["--verified"], is_flag=True, help="The address is theirs for sure."),
        make_json_option(),
    ],
)
_CREATE.epilog = "Without a password a reset, a link or a code by mail lets the user in."


def _make_command(name: str, module: str, summary: str, *more: click.Parameter) -> Command:
    """Returns a command about one person."""
    params = [*list_person_options(), *more, make_json_option()]
    return Command(name, f"users.{module}", summary, params, BY_PERSON)


USERS: Final = Commands(
    "users",
    "Users: find, create, change, disable, delete.",
    (
        _LIST,
        _make_command("show", "showing", "Show one user, and how the user signs in."),
        _CREATE,
        _make_command(
            "set-password", "password", "Set a user's password, and end the sessions.", _PASSWORD
        ),
        _make_command("verify", "verification", "Take a user's address as verified."),
        _make_command(
            "disable",
            "disabling",
            "End a user's sessions, and refuse every sign-in.",
            click.Option(["--reason"], help="Why; `show` tells it, and no response."),
        ),
        _make_command("enable", "enabling", "Let a disabled user sign in again."),
        _make_command(
            "delete",
            "deletion",
            "Delete a user with all data, or say what would go.",
            click.Option(["--yes"], is_flag=True, help="Do it. It cannot be undone."),
        ),
        _make_command("export", "export", "Print all data of one user, as JSON."),
    ),
)
