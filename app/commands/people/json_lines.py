"""Users as JSON Lines: one object on each line."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import msgspec

from ...auth.people.rows import RawRow, RefusedRow, RowError
from ...models.additional_fields import Json
from .lines import Lines

_decoder = msgspec.json.Decoder()


def read_jsonl(lines: Lines) -> Iterator[RawRow | RefusedRow]:
    """Yields every row. Empty lines are skipped. Raises `UnreadableFile`."""
    while True:
        try:
            text = next(lines)
            if not text.isspace():
                yield RawRow(lines.number, _read_object(text))
        except StopIteration:
            return
        except RowError as error:
            yield error.to_refused_row(lines.number)


def _read_object(text: str) -> dict[str, Json]:
    try:
        value: Json = _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError) as fault:
        raise RowError(None, f"is not JSON: {fault}") from None
    if not isinstance(value, dict):
        raise RowError(None, "is not a JSON object")
    return value


class JsonLinesWriter:
    """Writes one object on each line."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._encoder = msgspec.json.Encoder()

    def add(self, users: Iterable[dict[str, Json]]) -> None:
        """Writes a row for each user."""
        self._file.write(self._encoder.encode_lines(list(users)))

    def flush(self) -> None:
        """Writes what is buffered. The file stays open."""
        self._file.flush()
