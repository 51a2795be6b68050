"""The command line: all commands, and one line in place of a traceback."""

import importlib
import os
import sys
from argparse import Namespace, _SubParsersAction
from collections.abc import Sequence
from typing import Final, Protocol

from .. import __version__
from ..settings.environment import SettingsError
from .console import print_message
from .usage import (
    PROGRAM,
    USAGE,
    Parser,
    describe_unknown_argument,
    find_unknown_command,
    normalize_help,
)

_INTERRUPTED: Final = 130  # as shells number what Ctrl-C ended
_UNREAD: Final = 141  # and what nobody listens to any more
_MODULES: Final = {"import": "import_people", "export": "export_people"}  # where names differ


class _Command(Protocol):
    """A module of this package. `FAULTS`: exceptions whose message is for the user."""

    FAULTS: tuple[type[Exception], ...]

    def run(self, arguments: Namespace) -> int: ...


def main(arguments: Sequence[str]) -> int:
    """Runs a command. Returns the exit status: 0, 1 for a failure, 2 for a bad setting.

    A command may return another status.
    """
    parser, commands = _create_parsers()
    if not arguments:
        parser.print_help(sys.stderr)
        return USAGE
    arguments = normalize_help(arguments)
    if fault := find_unknown_command(arguments, commands.choices):
        print_message(fault)
        return USAGE
    chosen, unknown = parser.parse_known_args(arguments)
    if unknown:
        print_message(
            describe_unknown_argument(commands.choices[chosen.command], chosen.command, unknown[0])
        )
        return USAGE
    return _call(chosen)


def _call(chosen: Namespace) -> int:
    try:
        # Loaded by name: SQLAlchemy and Litestar take half a second that `secret` can do without.
        name = _MODULES.get(chosen.command, chosen.command)
        command: _Command = importlib.import_module(f".{name}", __package__)
        status = _run(command, chosen)
        sys.stdout.flush()
    except SettingsError as fault:
        print_message(*fault.lines)
        return USAGE
    except BrokenPipeError:
        # `| head` has read enough; Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNREAD
    except KeyboardInterrupt:
        return _INTERRUPTED
    return status


def _run(command: _Command, chosen: Namespace) -> int:
    try:
        return command.run(chosen)
    except command.FAULTS as fault:
        print_message(*filter(None, [str(fault)]))
    except (SettingsError, BrokenPipeError):
        raise
    except Exception as fault:
        if sys.flags.dev_mode:
            raise
        what = f"{type(fault).__name__}: {fault}".splitlines()[0]
        print_message(f"{what} (.venv/bin/python -X dev -m app {chosen.command} shows where)")
    return 1


def _create_parsers() -> "tuple[Parser, _SubParsersAction[Parser]]":
    """Returns the parser, and the parsers of the commands."""
    parser = Parser(prog=PROGRAM, description="The Better Auth server in Python.")
    parser.add_argument("--version", action="version", version=f"better-auth-python {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    serve = commands.add_parser("serve", help="bring the schema up to date and serve")
    serve.add_argument("--host", help="address to listen on ($HOST, else localhost)")
    # The settings check the numbers, so a flag and its variable are refused in the same words.
    serve.add_argument("--port", help="port to listen on ($PORT, else 8000)")
    serve.add_argument("--workers", help="processes ($WORKERS, else 1)")
    serve.add_argument("--no-migrate", action="store_true", help="do not change the schema")
    migrate = commands.add_parser("migrate", help="create, adopt or upgrade the tables")
    how = migrate.add_mutually_exclusive_group()
    how.add_argument(
        "--check", action="store_true", help="only print what is pending; status 1 if anything"
    )
    how.add_argument("--sql", action="store_true", help="only print the SQL")
    _add_people(commands)
    commands.add_parser("init", help="write a .env with a new secret if there is none")
    commands.add_parser("secret", help="print a new secret")
    commands.add_parser("openapi", help="print the OpenAPI document")
    commands.add_parser("help", help="show this, or the options of a command")
    return parser, commands


def _add_people(commands: "_SubParsersAction[Parser]") -> None:
    importing = commands.add_parser("import", help="import users with their password hashes")
    importing.add_argument("file", help="JSON Lines or, if named .csv, CSV; - is standard input")
    importing.add_argument(
        "--dry-run", action="store_true", help="do everything, then roll it back"
    )
    importing.add_argument("--report", help="file for the refused rows (FILE.refused.jsonl)")
    exporting = commands.add_parser("export", help="export all users, in the format of import")
    exporting.add_argument(
        "file", nargs="?", default="-", help="file to write (default: standard output)"
    )
    exporting.add_argument("--force", action="store_true", help="replace an existing file")
    for each in (importing, exporting):
        each.add_argument(
            "--format",
            choices=("jsonl", "csv"),
            help="the format, whatever the name of the file is",
        )
