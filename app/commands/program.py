"""All commands with their options. A command is imported when it runs."""

from typing import Final

import click

from .. import __version__
from .audit.group import AUDIT
from .command_line import Command, OneOf, Program, make_json_option
from .hashing.group import HASH
from .keys.group import KEYS
from .secrets.group import SECRETS
from .sessions.group import SESSIONS
from .throttle.group import THROTTLE
from .users.group import USERS
from .webhooks.group import WEBHOOKS

_FORMAT: Final = click.Option(
    ["--format", "form"],
    type=click.Choice(["jsonl", "csv"]),
    help="The format, whatever the name of the file is.",
)

_SERVE: Final = Command(
    "serve",
    "serve",
    "Bring the schema up to date and serve.",
    [
        click.Option(["--host"], help="Address to listen on ($HOST, else localhost)."),
        # The settings check the numbers, so a flag and its variable are refused in the same words.
        click.Option(["--port"], help="Port to listen on ($PORT, else 8000)."),
        click.Option(["--workers"], help="Processes ($WORKERS, else 1)."),
        click.Option(["--no-migrate"], is_flag=True, help="Do not change the schema."),
    ],
)
_MIGRATE: Final = Command(
    "migrate",
    "migrate",
    "Create, adopt or upgrade the tables.",
    [
        click.Option(
            ["--check"], is_flag=True, help="Only print what is pending; status 1 if anything."
        ),
        click.Option(["--sql"], is_flag=True, help="Only print the SQL."),
    ],
    OneOf(("check", "sql")),
)
_INIT: Final = Command("init", "init", "Write a .env with a new secret if there is none.")
_SECRET: Final = Command("secret", "secret", "Print a new secret.")
_OPENAPI: Final = Command(
    "openapi",
    "openapi",
    "Print the OpenAPI document.",
    [click.Option(["--plugins"], is_flag=True, help="With all plugins on.")],
)
_IMPORT: Final = Command(
    "import",
    "import_people",
    "Import users with their password hashes.",
    [
        click.Argument(["file"]),
        click.Option(["--dry-run"], is_flag=True, help="Do everything, then roll it back."),
        click.Option(["--report"], help="File for the refused rows (FILE.refused.jsonl)."),
        _FORMAT,
    ],
)
_IMPORT.epilog = "FILE is JSON Lines or, if named .csv, CSV; - is standard input."
_EXPORT: Final = Command(
    "export",
    "export_people",
    "Export all users, in the format of import.",
    [
        click.Argument(["file"], default="-"),
        click.Option(["--force"], is_flag=True, help="Replace an existing file."),
        _FORMAT,
    ],
)
_EXPORT.epilog = "Without FILE, or with -, it is standard output."
_DOCTOR: Final = Command(
    "doctor",
    "doctor",
    "Check settings, stores, mail and machine.",
    [
        click.Option(["--url"], metavar="URL", help="Ask the running service there, too."),
        make_json_option(),
    ],
)
_DOCTOR.epilog = "Nothing is changed, and no mail is sent."
_COMPLETION: Final = Command(
    "completion",
    "completion",
    "Print a script that completes the commands in your shell.",
    [click.Argument(["shell"], type=click.Choice(["bash", "zsh", "fish"]))],
)
_INFO: Final = Command(
    "info",
    "info",
    "Print releases, and the settings without the secrets.",
    [
        click.Option(["--all", "everything"], is_flag=True, help="The defaults, too."),
        make_json_option(),
    ],
)
_HELP: Final = Command("help", "help", "Show this, or a command's options; --version: the release.")

# `help` is read before: it is `--help` of the words that follow it.
PROGRAM_TREE: Final = Program(
    "The Better Auth server in Python.",
    f"better-auth-python {__version__}",
    {
        "Serve": (_SERVE, _MIGRATE, _INIT, _SECRET),
        "People": (USERS, _IMPORT, _EXPORT),
        "Operate": (_DOCTOR, SESSIONS, THROTTLE, AUDIT, WEBHOOKS, KEYS, SECRETS, HASH),
        "More": (_INFO, _OPENAPI, _COMPLETION, _HELP),
    },
)
