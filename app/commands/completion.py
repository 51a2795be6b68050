"""`python -m app completion`: completes the commands in a shell."""

import os
import re
import shlex
import sys
from pathlib import Path
from typing import Final

import click
from click.shell_completion import get_completion_class, shell_complete

from ..models.program_name import IS_INSTALLED, PACKAGE, SCRIPT

FAULTS = ()
_VARIABLE: Final = "_BETTER_AUTH_COMPLETE"
_CALL: Final = re.compile(rf"(?:\$1|\b{SCRIPT})\)")  # at the end of the line that asks


def run(*, shell: str) -> int:
    """Prints a script that completes `better-auth` in the shell.

    In a checkout there is no such program: there the script also defines it, as a function.
    """
    complete_class = get_completion_class(shell)
    assert complete_class is not None
    source = _name_program(complete_class(click.Group(), {}, SCRIPT, _VARIABLE).source())
    sys.stdout.write(f"{source}\n" if IS_INSTALLED else f"{source}\n{_write_program(shell)}\n")
    return 0


def complete(program: click.Command) -> int | None:
    """Answers a shell that asks for completions. Returns None where no shell asks."""
    instruction = os.environ.get(_VARIABLE)
    if instruction is None:
        return None
    return shell_complete(program, {}, SCRIPT, _VARIABLE, instruction)


def _find_program() -> str:
    """Returns the words that run this program from any folder."""
    program = f"{shlex.quote(sys.executable)} -m {PACKAGE}"
    if IS_INSTALLED:
        return program
    return f"PYTHONPATH={shlex.quote(str(Path(__file__).parents[2]))} {program}"


def _write_program(shell: str) -> str:
    if shell == "fish":
        return f"function {SCRIPT}; env {_find_program()} $argv; end"
    return f'{SCRIPT}() {{ {_find_program()} "$@"; }}'


def _name_program(source: str) -> str:
    """Returns click's script for a function: `env` runs programs only, `commands` lists them."""
    lines = [line for line in source.splitlines() if "$+commands[" not in line]
    return _CALL.sub(lambda _: f"{_find_program()})", "\n".join(lines))
