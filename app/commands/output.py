"""Prints results on standard output: a table or lines for people, JSON for programs."""

import sys
from collections.abc import AsyncIterable, Iterable, Sequence
from itertools import islice
from typing import Final, TypeVar

import msgspec

R = TypeVar("R", bound=msgspec.Struct)
_PAGE: Final = 500  # rows whose columns are aligned with each other
_NOTHING: Final = "-"
_WIDEST: Final = 120  # characters of a cell of a table, so that one value cannot spoil it


def print_rows(rows: Iterable[msgspec.Struct], *, as_json: bool) -> None:
    """Prints rows of one kind: as a table, or as JSON Lines. Any number of them.

    The columns are the fields of the struct, under the names of its JSON.
    """
    if as_json:
        sys.stdout.writelines(f"{_encode(row)}\n" for row in rows)
        return
    waiting = iter(rows)
    while page := list(islice(waiting, _PAGE)):
        names = page[0].__struct_encode_fields__
        _print_table([tuple(map(_make_heading, names)), *map(_list_cells, page)])


async def print_pages(
    pages: AsyncIterable[Sequence[R]], limit: int | None, *, as_json: bool
) -> R | None:
    """Prints rows page after page until the limit. Returns the last one if it is reached."""
    left = limit
    async for page in pages:
        rows = page[:left]
        print_rows(rows, as_json=as_json)
        if left is not None:
            left -= len(rows)
            if left == 0:
                return rows[-1]
    return None


def print_record(record: msgspec.Struct, *, as_json: bool) -> None:
    """Prints one result: a line for each field, or one JSON object."""
    if as_json:
        sys.stdout.write(f"{_encode(record)}\n")
        return
    width = max(map(len, record.__struct_encode_fields__))
    cells = zip(record.__struct_encode_fields__, _list_cells(record), strict=True)
    sys.stdout.writelines(f"{name:{width}}  {cell}\n" for name, cell in cells)


def print_done(line: str, result: msgspec.Struct, *, as_json: bool) -> None:
    """Prints what a command did: a sentence, or its figures as one JSON object."""
    sys.stdout.write(f"{_encode(result) if as_json else line}\n")


def make_printable(text: str) -> str:
    """Returns a text without control characters, which could command a terminal."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)


def _print_table(lines: Sequence[Sequence[str]]) -> None:
    lines = [[_shorten(cell) for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (f"{cell:{width}}" for cell, width in zip(line, widths, strict=True))
        sys.stdout.write(f"{'  '.join(cells).rstrip()}\n")


def _shorten(cell: str) -> str:
    return cell if len(cell) <= _WIDEST else f"{cell[: _WIDEST - 1]}…"


def _list_cells(row: msgspec.Struct) -> tuple[str, ...]:
    return tuple(_show(getattr(row, name)) for name in row.__struct_fields__)


def _show(value: object) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else _encode(value)
    return make_printable(text) or _NOTHING


def _make_heading(name: str) -> str:
    """`createdAt` as `CREATED AT`."""
    return "".join(f" {each}" if each.isupper() else each for each in name).upper()


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()
