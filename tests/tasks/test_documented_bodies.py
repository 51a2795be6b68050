"""What the document says of a body and what the server takes are one, in both directions."""

import json
from calendar import monthrange

import msgspec
import pytest
from jsonschema import Draft202012Validator

from app.tasks.due_dates import read_due_date
from app.tasks.records import NewTask, TaskChanges
from app.web.openapi.schemas import describe_struct
from tests.support.asgi import Json

from .test_records import BAD_FIELDS, DUE_DATES

Body = type[NewTask | TaskChanges]

GOOD_FIELDS: list[tuple[str, Json]] = [
    *(("due_date", sent) for sent in DUE_DATES),
    ("due_date", None),
    ("title", "a"),
    ("title", " \u200b"),
    ("title", "\x01"),
    ("title", "🧺" * 200),
    ("description", ""),
    ("description", "\x01\n" + "x" * 998),
    ("description", None),
    ("tags", ["x"] * 20),
    ("tags", [" "]),
    ("tags", None),
]
# Python's `$` matches before a last newline, that of the document's language does not.
BAD_IN_ANY_LANGUAGE = [(field, value) for field, value in BAD_FIELDS if value != "2026-11-30\n"]


@pytest.mark.parametrize(("field", "value"), BAD_IN_ANY_LANGUAGE)
@pytest.mark.parametrize("kind", [NewTask, TaskChanges])
def test_document_refuses_what_the_server_refuses(kind: Body, field: str, value: Json) -> None:
    assert not is_documented(kind, {"title": "a", field: value})


@pytest.mark.parametrize(("field", "value"), GOOD_FIELDS)
@pytest.mark.parametrize("kind", [NewTask, TaskChanges])
def test_both_take_the_rest(kind: Body, field: str, value: Json) -> None:
    body = {"title": "a", field: value}
    assert is_documented(kind, body)
    assert isinstance(msgspec.json.decode(json.dumps(body), type=kind), kind)


@pytest.mark.parametrize("year", [1000, 1900, 2000, 2023, 2024, 2100, 2396, 9996, 9999])
def test_every_day_of_the_calendar_is_a_due_date_and_no_other(year: int) -> None:
    for month in range(14):
        last = monthrange(year, month)[1] if 1 <= month <= 12 else 0
        for day in range(33):
            text = f"{year}-{month:02}-{day:02}"
            assert (read_due_date(text) is not None) == (1 <= day <= last), text


def is_documented(kind: Body, body: Json) -> bool:
    """Whether the component's schema takes the body."""
    return bool(Draft202012Validator(describe_struct(kind)).is_valid(body))
