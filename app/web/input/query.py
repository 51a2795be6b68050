"""The query of a request as the original reads it: a repeated key is a list, and so of no use."""

from urllib.parse import parse_qs

from ...models.additional_fields import Json


def parse_query(query_string: bytes) -> dict[str, Json]:
    """Names and values as `URLSearchParams` decodes them."""
    found = parse_qs(query_string.decode("latin-1"), keep_blank_values=True)
    return {name: _join_values(values) for name, values in found.items()}


def _join_values(values: list[str]) -> Json:
    return values[0] if len(values) == 1 else [*values]
