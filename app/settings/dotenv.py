"""Parses `.env` like npm's `dotenv`, because a Next.js app reads the same file."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_LINE: Final = re.compile(
    r"""
    ^[^\S\r\n]* (?:export[^\S\r\n]+)? ([\w.-]+) (?: [^\S\r\n]*= | :[^\S\r\n] ) [^\S\r\n]*
    ( '(?:\\'|[^'])*' | "(?:\\"|[^"])*" | `(?:\\`|[^`])*` | [^#\r\n]+ )?
    [^\S\r\n]* (?:\#.*)?$
    """,
    re.VERBOSE | re.MULTILINE,
)
_NAME: Final = re.compile(r"\s*(?:export\s+)?([\w.-]+)")


def parse_dotenv(text: str) -> dict[str, str]:
    """Returns names and values.

    Quoted values may have several lines, others end at `#`. `$` is not expanded.
    """
    return {name: _unquote((value or "").strip()) for name, value in _LINE.findall(text)}


def read_dotenv(path: Path) -> dict[str, str]:
    """Returns names and values of a file. Nothing if it cannot be read: the settings say that."""
    try:
        return parse_dotenv(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return {}


def find_unread_lines(text: str) -> Iterator[tuple[int, str]]:
    """Returns number and first word of each line that is not an assignment.

    npm's `dotenv` ignores these without a message.
    """
    rest = _LINE.sub(lambda found: "\n" * found[0].count("\n"), text)
    for number, line in enumerate(rest.split("\n"), start=1):
        if (stated := line.strip()) and not stated.startswith("#"):
            found = _NAME.match(line)
            yield number, found[1] if found else ""


def _unquote(value: str) -> str:
    quote = value[:1]
    if quote not in {"'", '"', "`"} or len(value) == 1 or value[-1] != quote:
        return value
    inner = value[1:-1]
    return inner.replace("\\n", "\n").replace("\\r", "\r") if quote == '"' else inner
