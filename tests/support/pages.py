"""The blocks of the README and of the pages, as somebody pastes them."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Block(NamedTuple):
    """`section` is the heading above it; `number` counts the blocks of that language there."""

    page: str
    section: str
    language: str
    number: int
    text: str

    @property
    def name(self) -> tuple[str, str, str, int]:
        return self[:4]


def block(page: str, section: str, language: str, number: int = 0) -> str:
    """Of `page`, a path from the root of the project. Literal arguments: a test reads them."""
    wanted = (page, section, language, number)
    found = [each.text for each in blocks(page) if each.name == wanted]
    assert found, f"{page} has no such block: {wanted[1:]}"
    return found[0]


@cache
def blocks(page: str) -> tuple[Block, ...]:
    return tuple(_read(page))


def _read(page: str) -> Iterator[Block]:
    section, counts = "", dict[tuple[str, str], int]()
    parts = r"^#+ ([^\n]+)\n|^```(\w*)\n(.*?)^```$"
    for heading, language, text in re.findall(
        parts, (ROOT / page).read_text(), re.MULTILINE | re.DOTALL
    ):
        if heading:
            section = heading
            continue
        number = counts.get((section, language), 0)
        counts[section, language] = number + 1
        yield Block(page, section, language, number, text)
