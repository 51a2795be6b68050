from typing import Annotated

import pytest
from msgspec import UNSET, Meta, UnsetType

from app.models.errors import InvalidBody
from app.web.input.query import parse_query
from app.web.input.validation import WireQuery


def read_query(query: bytes) -> "Query":
    return Query.read(parse_query(query))


class Query(WireQuery, frozen=True):
    token: Annotated[str, Meta(description="Proof.")]
    callback: str | UnsetType = UNSET


def test_query_is_decoded() -> None:
    found = read_query(b"token=a%20b+c&callback=%C3%A9&other=1&other=2")
    assert found == Query(token="a b c", callback="é")


def test_empty_text_is_a_text() -> None:
    assert read_query(b"token") == Query(token="")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (b"", "[query.token] Invalid input: expected string, received undefined"),
        (b"token=a&token=b", "[query.token] Invalid input: expected string, received array"),
        (
            b"callback=a&callback=b",
            (
                "[query.token] Invalid input: expected string, received undefined; "
                "[query.callback] Invalid input: expected string, received array"
            ),
        ),
    ],
)
def test_every_failure_is_told(query: bytes, message: str) -> None:
    with pytest.raises(InvalidBody) as refused:
        read_query(query)
    assert refused.value.message == message


def test_repeated_key_is_a_list() -> None:
    assert parse_query(b"a=1&a=2&b=") == {"a": ["1", "2"], "b": ""}
