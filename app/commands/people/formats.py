"""The two formats of a file with users: JSON Lines and CSV."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Literal

from ...auth.people.fields import Fields
from ...auth.people.rows import RawRow, RefusedRow
from .csv_table import CsvWriter, read_csv
from .json_lines import JsonLinesWriter, read_jsonl
from .lines import Lines

Format = Literal["jsonl", "csv"]


def choose_format(file_name: str, chosen: Format | None) -> Format:
    """Returns the chosen format, or the one that the file name says."""
    return chosen or ("csv" if file_name.lower().endswith(".csv") else "jsonl")


def read_rows(lines: Lines, fields: Fields, form: Format) -> Iterator[RawRow | RefusedRow]:
    """Yields every row of a file. Raises `UnreadableFile`."""
    return read_csv(lines, fields) if form == "csv" else read_jsonl(lines)


def create_writer(
    file: BinaryIO, names: Sequence[str], form: Format
) -> CsvWriter | JsonLinesWriter:
    """Returns what writes users into a file; `names` are the columns of a CSV."""
    return CsvWriter(file, names) if form == "csv" else JsonLinesWriter(file)
