"""Which account is meant; every row was asked of the original."""

import pytest

from app.auth.accounts.selection import SelectionBody, SelectionQuery
from app.models.additional_fields import Json
from app.models.errors import InvalidBody
from app.web.input.parsed_body import NO_BODY


@pytest.mark.parametrize(
    ("given", "account_id"),
    [
        ({"accountId": "x"}, "x"),
        ({"accountId": ""}, ""),
        ({"accountId": "x", "userId": "y"}, "x"),
        ({"useAccountCookie": True}, ""),
        ({"useAccountCookie": True, "userId": "y"}, ""),
    ],
)
def test_account_is_named_by_its_row_or_by_the_cookie(given: Json, account_id: str) -> None:
    assert SelectionBody.read(given).account_id == account_id


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "Invalid input"),
        ([], "Invalid input"),
        (None, "Invalid input"),
        ({"accountId": 5}, "Invalid input"),
        ({"accountId": 5, "foo": 1}, "Invalid input"),
        ({"accountId": "x", "userId": None}, "Invalid input"),
        ({"accountId": "x", "userId": 5, "foo": 1}, "Invalid input"),
        ({"accountId": "x", "useAccountCookie": True}, "Invalid input"),
        ({"useAccountCookie": False}, "Invalid input"),
        ({"useAccountCookie": True, "userId": 5}, "Invalid input"),
        ({"providerId": "credential"}, "Invalid input"),
        ({"accountId": "x", "foo": 1}, 'Unrecognized key: "foo"'),
        ({"accountId": "x", "a": 1, "b": 2}, 'Unrecognized keys: "a", "b"'),
        ({"accountId": "x", "useAccountCookie": "true"}, 'Unrecognized key: "useAccountCookie"'),
        ({"useAccountCookie": True, "foo": "x"}, 'Unrecognized key: "foo"'),
    ],
)
def test_other_shapes_are_refused(given: Json, text: str) -> None:
    for shape in (SelectionBody, SelectionQuery):
        with pytest.raises(InvalidBody) as refusal:
            shape.read(given)
        assert refusal.value.message == f"[{shape.place}] {text}"


def test_absent_body_is_refused() -> None:
    with pytest.raises(InvalidBody, match="Invalid input"):
        SelectionBody.read(NO_BODY.value)
