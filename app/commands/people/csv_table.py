"""Users as CSV (RFC 4180): a header with the field names, then one row for each."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from typing import BinaryIO

import msgspec

from ...auth.people.fields import Fields
from ...auth.people.rows import RawRow, RefusedRow, RowError, UnreadableFile
from ...models.additional_fields import Json, Kind
from .lines import LONGEST, Lines

_BOOLEANS = {
    **dict.fromkeys(("true", "t", "1", "yes"), True),
    **dict.fromkeys(("false", "f", "0", "no"), False),
}
# What may be shown of a first line: no address, and no hash, not even 32 digits of hexadecimal.
_NAME = re.compile(r"[^\W\d][\w .-]{0,30}")
_OTHER_SEPARATORS = (";", "\t", "|")


def read_csv(lines: Lines, fields: Fields) -> Iterator[RawRow | RefusedRow]:
    """Yields every row. An empty cell is no value. Raises `UnreadableFile` for a bad header."""
    csv.field_size_limit(LONGEST)
    reader = csv.reader(lines, strict=True)
    header = _read_header(reader, fields)
    while True:
        begins = lines.number + 1
        try:
            cells = next(reader)
            if cells:
                yield RawRow(begins, _read_values(header, cells, fields))
        except StopIteration:
            return
        except csv.Error as fault:
            yield RefusedRow(begins, None, _describe_fault(fault, begins, lines.number))
        except RowError as error:
            yield error.to_refused_row(begins)


def _read_header(reader: Iterator[list[str]], fields: Fields) -> list[str]:
    try:
        header = next(reader)
    except StopIteration:
        raise UnreadableFile("the file is empty: a CSV begins with the column names") from None
    except (csv.Error, RowError) as fault:
        raise UnreadableFile(f"the first line, which contains the column names, {fault}") from None
    if len(header) == 1 and any(other in header[0] for other in _OTHER_SEPARATORS):
        raise UnreadableFile("the first line has only one column: separate columns with commas")
    named = [_NAME.fullmatch(cell) is not None for cell in header]
    if not all(named) and fields.kinds.keys().isdisjoint(header):
        raise UnreadableFile(_describe_missing_header(header, fields))
    for number, name in enumerate(header, 1):
        if objection := fields.find_objection(name):
            shown = repr(name) if named[number - 1] else f"number {number}"
            raise UnreadableFile(f"the column {shown} {objection}")
    if len(set(header)) < len(header):
        raise UnreadableFile("the first line has a column twice")
    if "email" not in header:
        raise UnreadableFile("the first line has no column email")
    return header


def _describe_missing_header(cells: Sequence[str], fields: Fields) -> str:
    """Says what is required. It does not quote the line, which may contain a hash."""
    if cells[0].startswith("{"):
        return "the first line is JSON, not the column names: read the file with --format jsonl"
    return (
        f"the first line is a row of {len(cells)} cells, not the column names: add a first line"
        f" with the column names (email is required), from {', '.join(fields.offered)}"
    )


def _read_values(header: Sequence[str], cells: Sequence[str], fields: Fields) -> dict[str, Json]:
    if len(cells) != len(header):
        raise RowError(None, f"has {len(cells)} cells, where the header has {len(header)}")
    return {
        name: _convert_cell(cell, fields.kinds[name])
        for name, cell in zip(header, cells, strict=True)
        if cell or name == "name"
    }


def _convert_cell(cell: str, kind: Kind) -> Json:
    """Converts a cell to its JSON type. Otherwise it stays text, which the rules refuse."""
    if kind == "boolean":
        return _BOOLEANS.get(cell.lower(), cell)
    if kind in ("number", "json", "list"):
        try:
            value: Json = msgspec.json.decode(cell)
        except (msgspec.DecodeError, RecursionError):
            return cell
        return value
    return cell


def _describe_fault(fault: csv.Error, first: int, last: int) -> str:
    lines = "" if last <= first else f" (lines {first} to {last}: is a quote not closed?)"
    return f"is not CSV: {fault}{lines}"


class CsvWriter:
    """Writes CSV (RFC 4180). No value is an empty cell."""

    def __init__(self, file: BinaryIO, names: Sequence[str]) -> None:
        self._text = TextIOWrapper(file, "utf-8", newline="", write_through=True)
        self._writer = csv.writer(self._text)
        self._writer.writerow(names)

    def add(self, users: Iterable[dict[str, Json]]) -> None:
        """Writes a row for each user."""
        self._writer.writerows([_encode_cell(value) for value in user.values()] for user in users)

    def flush(self) -> None:
        """Writes what is buffered. The file stays open."""
        self._text.flush()
        self._text.detach()


def _encode_cell(value: Json) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()
