"""What is said of a command line that can't be understood: one line, with the nearest right one."""

from argparse import ArgumentParser
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Final, NoReturn

PROGRAM: Final = "python -m app"
USAGE: Final = 2
_ALIKE: Final = 0.6


class Parser(ArgumentParser):
    """Names no flag by half of its name, and tells what is wrong without the whole usage."""

    def __init__(self, **options: object) -> None:
        super().__init__(**{"allow_abbrev": False, **options})  # type: ignore[arg-type]  # handed on

    def error(self, message: str) -> NoReturn:
        """Ends the program with the status of wrong usage."""
        self.exit(USAGE, f"{message} (see `{self.prog} --help`)\n")

    @property
    def flags(self) -> Collection[str]:
        """Every flag that it knows."""
        return [flag for action in self._actions for flag in action.option_strings]


def as_flags(arguments: Sequence[str]) -> Sequence[str]:
    """`help`, and `help serve`, as argparse knows them."""
    return [*arguments[1:2], "--help"] if arguments[:1] == ["help"] else arguments


def find_unknown_command(arguments: Sequence[str], known: Collection[str]) -> str | None:
    """What to say of a first word that is no command."""
    word = arguments[0] if arguments else ""
    if not word or word.startswith("-") or word in known:
        return None
    return f"there is no command {word!r}{_instead(word, known, f'`{PROGRAM} help` lists them')}"


def unknown_argument(parser: Parser, command: str, word: str) -> str:
    """What to say of a word that this command does not take."""
    name = word.partition("=")[0]
    shows = f"see `{parser.prog} --help`"
    return f"{command} does not take {name!r}{_instead(name, parser.flags, shows)}"


def _instead(word: str, known: Collection[str], otherwise: str) -> str:
    nearest = get_close_matches(word, known, n=1, cutoff=_ALIKE)
    return f": did you mean {nearest[0]}?" if nearest else f": {otherwise}"
