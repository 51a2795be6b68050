"""Messages for an invalid command line: one line, with the nearest valid word."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Final

import click

from ..models.program_name import PROGRAM
from .command_line import UnknownArgument

USAGE: Final = 2
_ALIKE: Final = 0.6


def normalize_help(arguments: Sequence[str]) -> list[str]:
    """Turns `help` and `help users list` into `--help` of these commands."""
    return [*arguments[1:], "--help"] if arguments[:1] == ["help"] else list(arguments)


def describe_fault(fault: click.UsageError) -> str:
    """Returns the message for an invalid command line, in one line."""
    context = fault.ctx
    path = PROGRAM if context is None else context.command_path
    if isinstance(fault, click.exceptions.NoSuchCommand) and context is not None:
        return _describe_command(fault.command_name, context)
    if isinstance(fault, click.exceptions.NoSuchOption) and context is not None:
        nearest = _suggest(fault.option_name, _list_flags(context), _refer_to(path))
        return f"{_name(path)} does not take {fault.option_name!r}{nearest}"
    if isinstance(fault, UnknownArgument):
        return f"{_name(path)} does not take {fault.word!r}: {_refer_to(path)}"
    return f"{' '.join(fault.format_message().split()).rstrip('.')} ({_refer_to(path)})"


def _describe_command(word: str, context: click.Context) -> str:
    assert isinstance(context.command, click.Group)
    above = context.command_path.removeprefix(PROGRAM).strip()
    lists = f"`{PROGRAM} help{f' {above}' if above else ''}` lists them"
    whole = f"{above} {word}".strip()
    return f"there is no command {whole!r}{_suggest(word, context.command.commands, lists)}"


def _list_flags(context: click.Context) -> Collection[str]:
    return [flag for each in context.command.params for flag in each.opts if flag.startswith("-")]


def _name(path: str) -> str:
    """Returns the words of a command, such as `users list`."""
    return path.removeprefix(PROGRAM).strip() or PROGRAM


def _refer_to(path: str) -> str:
    return f"see `{path} --help`"


def _suggest(word: str, known: Collection[str], otherwise: str) -> str:
    nearest = get_close_matches(word, known, n=1, cutoff=_ALIKE)
    return f": did you mean {nearest[0]}?" if nearest else f": {otherwise}"
