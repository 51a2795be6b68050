"""Users as JSON Lines: one object on each line."""

from collections.abc import Iterator

import msgspec

from ...models.additional_fields import Json
from .lines import Lines
from .rows import Flaw, Raw, RefusedRow

_decoder = msgspec.json.Decoder()


def read_jsonl(lines: Lines) -> Iterator[Raw | RefusedRow]:
    """Yields every row. Empty lines are skipped. Raises `UnreadableFile`."""
    while True:
        try:
            text = next(lines)
            if not text.isspace():
                yield Raw(lines.number, _object(text))
        except StopIteration:
            return
        except Flaw as flaw:
            yield flaw.at(lines.number)


def _object(text: str) -> dict[str, Json]:
    try:
        value: Json = _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError) as fault:
        raise Flaw(None, f"is no JSON: {fault}") from None
    if not isinstance(value, dict):
        raise Flaw(None, "is no JSON object")
    return value
