"""The query of a request, like in the original: a repeated key is a list, so invalid."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import parse_qs

from msgspec import ValidationError, convert

from ...models.additional_fields import Json
from ...models.errors import InvalidBody
from .validation import WireQuery, explain

Q = TypeVar("Q", bound=WireQuery)


def parse_query(query_string: bytes) -> dict[str, Json]:
    """Returns names and values, decoded like `URLSearchParams`."""
    found = parse_qs(query_string.decode("latin-1"), keep_blank_values=True)
    return {name: _value(values) for name, values in found.items()}


def read_query(scope: Mapping[str, object], shape: type[Q]) -> Q:
    """Returns the query as this type. Raises InvalidBody with the original's messages."""
    query_string = scope["query_string"]
    assert isinstance(query_string, bytes)
    given = parse_query(query_string)
    try:
        return convert(given, shape)
    except ValidationError:
        raise InvalidBody(explain(shape, given)) from None


def _value(values: list[str]) -> Json:
    return values[0] if len(values) == 1 else [*values]
