"""The command line: runs a command, and prints one line in place of a traceback."""

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final, Protocol

import click

from ..models.program_name import DEVELOPED, PROGRAM
from ..settings.environment import SettingsError
from .command_line import Chosen
from .completion import complete
from .console import print_message
from .program import PROGRAM_TREE
from .usage import USAGE, describe_fault, normalize_help

_INTERRUPTED: Final = 130  # as shells number what Ctrl-C ended
_UNREAD: Final = 141  # and what nobody listens to any more


class _Module(Protocol):
    """A module of this package. `FAULTS`: exceptions whose message is for the user.

    `run` takes the parameters of the command by name, and returns the exit status.
    """

    FAULTS: tuple[type[Exception], ...]

    def run(self, **parameters: object) -> int: ...


def main(arguments: Sequence[str]) -> int:
    """Runs a command. Returns the exit status: 0, 1 for a failure, 2 for a bad setting.

    A command may return another status.
    """
    if (status := complete(PROGRAM_TREE)) is not None:
        return status
    try:
        chosen = PROGRAM_TREE.main(normalize_help(arguments), PROGRAM, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as fault:
        print_message(fault.format_message())
        return USAGE
    except click.UsageError as fault:
        print_message(describe_fault(fault))
        return USAGE
    return _call(chosen) if isinstance(chosen, Chosen) else int(chosen)


def _call(chosen: Chosen) -> int:
    try:
        # Loaded by name: SQLAlchemy and Litestar take half a second that `secret` can do without.
        module: _Module = importlib.import_module(f".{chosen.module}", __package__)
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        status = _run(module, chosen)
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


def _run(module: _Module, chosen: Chosen) -> int:
    try:
        return module.run(**chosen.parameters)
    except module.FAULTS as fault:
        print_message(*filter(None, [str(fault)]))
    except (SettingsError, BrokenPipeError):
        raise
    except Exception as fault:
        if sys.flags.dev_mode:
            raise
        what = f"{type(fault).__name__}: {fault}".splitlines()[0]
        print_message(f"{what} ({DEVELOPED} {chosen.words} shows where)")
    return 1
