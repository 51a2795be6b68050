"""The two forms of a file of people, JSON Lines and CSV: which it is, and how it is written."""

import csv
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from typing import BinaryIO, Literal

import msgspec

from ...models.additional_fields import Json

Form = Literal["jsonl", "csv"]


def form_of(name: str, given: Form | None) -> Form:
    """What was asked for, else what the name says."""
    return given or ("csv" if name.lower().endswith(".csv") else "jsonl")


class JsonLines:
    """An object on each line."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._encoder = msgspec.json.Encoder()

    def add(self, people: Iterable[dict[str, Json]]) -> None:
        self._file.write(self._encoder.encode_lines(list(people)))

    def end(self) -> None:
        self._file.flush()


class CsvTable:
    """RFC 4180; no value is an empty cell."""

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
