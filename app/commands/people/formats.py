"""The two formats of a file with users: JSON Lines and CSV."""

import csv
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from typing import BinaryIO, Literal

import msgspec

from ...models.additional_fields import Json

Form = Literal["jsonl", "csv"]


def form_of(name: str, given: Form | None) -> Form:
    """Returns the chosen format, or the one that the file name says."""
    return given or ("csv" if name.lower().endswith(".csv") else "jsonl")


class JsonLines:
    """Writes one object on each line."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._encoder = msgspec.json.Encoder()

    def add(self, people: Iterable[dict[str, Json]]) -> None:
        self._file.write(self._encoder.encode_lines(list(people)))

    def end(self) -> None:
        self._file.flush()


class CsvTable:
    """Writes CSV (RFC 4180). No value is an empty cell."""

    def __init__(self, file: BinaryIO, names: Sequence[str]) -> None:
        self._text = TextIOWrapper(file, "utf-8", newline="", write_through=True)
        self._writer = csv.writer(self._text)
        self._writer.writerow(names)

    def add(self, people: Iterable[dict[str, Json]]) -> None:
        self._writer.writerows([_cell(value) for value in person.values()] for person in people)

    def end(self) -> None:
        self._text.flush()
        self._text.detach()


def _cell(value: Json) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()
