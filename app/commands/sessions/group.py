"""The commands `sessions …`."""

from typing import Final

import click

from ..command_line import Command, Commands, OneOf, list_person_options, make_json_option
from ..limits import list_limit_options

_CHOICE: Final = [
    *list_person_options(),
    click.Option(["--session", "session_id"], metavar="ID", help="The session with this id."),
    click.Option(
        ["--older-than"], metavar="AGE", help="Only those that began so long ago: 30d, 12h, 90m."
    ),
]
_LIST: Final = Command(
    "list",
    "sessions.listing",
    "List active sessions, without their tokens.",
    [*_CHOICE, *list_limit_options(), make_json_option()],
    OneOf(("email", "user_id")),
)
_REVOKE: Final = Command(
    "revoke",
    "sessions.revocation",
    "End sessions, on every server at once.",
    [
        *_CHOICE,
        click.Option(["--all", "everything"], is_flag=True, help="Those of everybody."),
        click.Option(["--yes"], is_flag=True, help="Do it, if it is about everybody."),
        make_json_option(),
    ],
    OneOf(("email", "user_id", "session_id", "everything")),
)

_PRUNE: Final = Command(
    "prune",
    "sessions.pruning",
    "Delete what has expired, as the service does, but now.",
    [
        click.Option(["--dry-run"], is_flag=True, help="Only count what would be deleted."),
        make_json_option(),
    ],
)
_PRUNE.epilog = (
    "Sessions, verifications, counters of rate limits and audit events."
    " What a setting keeps stays, and the command says so."
)
SESSIONS: Final = Commands("sessions", "Sessions of users.", (_LIST, _REVOKE, _PRUNE))
