"""Messages for an invalid command line: one line, with the nearest valid word."""

from argparse import ArgumentParser
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Final, NoReturn

PROGRAM: Final = "python -m app"
USAGE: Final = 2
_ALIKE: Final = 0.6


class Parser(ArgumentParser):
    """Does not accept shortened flags, and prints the error without the whole usage."""

    def __init__(self, **options: object) -> None:
        super().__init__(**{"allow_abbrev": False, **options})  # type: ignore[arg-type]  # handed on

    def error(self, message: str) -> NoReturn:
        """Ends the program with the status for wrong usage."""
        self.exit(USAGE, f"{message} (see `{self.prog} --help`)\n")

    @property
    def flags(self) -> Collection[str]:
        """All flags."""
        return [flag for action in self._actions for flag in action.option_strings]


def normalize_help(arguments: Sequence[str]) -> Sequence[str]:
    """Turns `help` and `help serve` into flags of argparse."""
    return [*arguments[1:2], "--help"] if arguments[:1] == ["help"] else arguments


def find_unknown_command(arguments: Sequence[str], known: Collection[str]) -> str | None:
    """Returns the message for an unknown command, or None."""
    word = arguments[0] if arguments else ""
    if not word or word.startswith("-") or word in known:
        return None
    return f"there is no command {word!r}{_suggest(word, known, f'`{PROGRAM} help` lists them')}"


def describe_unknown_argument(parser: Parser, command: str, word: str) -> str:
    """Returns the message for an argument that this command does not accept."""
    name = word.partition("=")[0]
    shows = f"see `{parser.prog} --help`"
    return f"{command} does not take {name!r}{_suggest(name, parser.flags, shows)}"


def _suggest(word: str, known: Collection[str], otherwise: str) -> str:
    nearest = get_close_matches(word, known, n=1, cutoff=_ALIKE)
    return f": did you mean {nearest[0]}?" if nearest else f": {otherwise}"
