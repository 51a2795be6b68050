"""The wording of Zod as the original's answers have it (wire contract, section 4)."""

from collections.abc import Iterable
from math import inf
from typing import Literal

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from app.auth.email_password.routes import SignInBody, SignUpBody
from app.auth.sessions.routes import SignOutBody
from app.models.additional_fields import Json
from app.models.errors import InvalidBody
from app.web.input.validation import WireBody, explain

GOOD: dict[str, Json] = {"name": "x", "email": "a@b.co", "password": "xxxxxxxx"}


def expected(kind: str, field: str, received: str) -> str:
    where = f"body.{field}" if field else "body"
    return f"[{where}] Invalid input: expected {kind}, received {received}"


RECEIVED: list[tuple[Json | UnsetType, str]] = [
    (UNSET, "undefined"),
    (None, "null"),
    (0, "number"),
    (1.5, "number"),
    (inf, "Infinity"),
    (-inf, "-Infinity"),
    (12345678901234567890, "number"),
    ("x", "string"),
    (True, "boolean"),
    (False, "boolean"),
    ([], "array"),
    ({}, "object"),
]


@pytest.mark.parametrize(("value", "received"), [r for r in RECEIVED if r[1] != "object"])
def test_root_of_sign_up_is_refused_as_object_and_as_record(
    value: Json | UnsetType, received: str
) -> None:
    assert explain(SignUpBody, value) == "; ".join(
        [expected("object", "", received), expected("record", "", received)]
    )


@pytest.mark.parametrize("body", [SignInBody, SignOutBody])
@pytest.mark.parametrize(("value", "received"), [r for r in RECEIVED if r[1] != "object"])
def test_root_of_the_others_is_refused_as_object(
    body: type[WireBody], value: Json | UnsetType, received: str
) -> None:
    assert explain(body, value) == expected("object", "", received)


@pytest.mark.parametrize("field", ["name", "email", "password", "image", "callbackURL"])
@pytest.mark.parametrize(("value", "received"), [r for r in RECEIVED[1:] if r[1] != "string"])
def test_texts_of_sign_up_are_texts(field: str, value: Json, received: str) -> None:
    assert explain(SignUpBody, {**GOOD, field: value}) == expected("string", field, received)


@pytest.mark.parametrize("body", [SignUpBody, SignInBody])
@pytest.mark.parametrize(("value", "received"), [r for r in RECEIVED[1:] if r[1] != "boolean"])
def test_remember_me_is_a_boolean(body: type[WireBody], value: Json, received: str) -> None:
    assert explain(body, {**GOOD, "rememberMe": value}) == expected(
        "boolean", "rememberMe", received
    )


@pytest.mark.parametrize("field", ["name", "email", "password"])
def test_required_fields_of_sign_up_are_required(field: str) -> None:
    value = {key: text for key, text in GOOD.items() if key != field}
    assert explain(SignUpBody, value) == expected("string", field, "undefined")


@pytest.mark.parametrize(
    ("body", "value", "text"),
    [
        (
            SignUpBody,
            {},
            "; ".join(expected("string", f, "undefined") for f in ("name", "email", "password")),
        ),
        (SignUpBody, {**GOOD, "email": "nope"}, "[body.email] Invalid email address"),
        (SignUpBody, {**GOOD, "email": "a@b.co\n"}, "[body.email] Invalid email address"),
        (
            SignUpBody,
            {**GOOD, "password": ""},
            "[body.password] Too small: expected string to have >=1 characters",
        ),
        (
            SignUpBody,
            {"password": "", "email": "bad", "name": None},
            (
                f"{expected('string', 'name', 'null')}; [body.email] Invalid email address; "
                "[body.password] Too small: expected string to have >=1 characters"
            ),
        ),
        (
            SignUpBody,
            {"rememberMe": "x", "image": 4, "password": 3, "email": 2, "name": 1},
            "; ".join(
                [expected("string", f, "number") for f in ("name", "email", "password", "image")]
                + [expected("boolean", "rememberMe", "string")]
            ),
        ),
        (
            SignInBody,
            {"password": [], "email": 1.5},
            f"{expected('string', 'email', 'number')}; {expected('string', 'password', 'array')}",
        ),
        (
            SignOutBody,
            {"callbackURL": None, "disableRedirect": "x", "state": 1},
            (
                f"{expected('string', 'callbackURL', 'null')}; "
                f"{expected('boolean', 'disableRedirect', 'string')}; "
                f"{expected('string', 'state', 'number')}"
            ),
        ),
    ],
)
def test_all_failures_are_joined_in_schema_order(
    body: type[WireBody], value: Json, text: str
) -> None:
    assert explain(body, value) == text


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (SignUpBody, GOOD),
        (SignUpBody, {**GOOD, "name": "", "image": "", "callbackURL": "", "rememberMe": False}),
        (SignUpBody, {**GOOD, "id": 5, "emailVerified": "yes", "role": ["admin"], "": None}),
        (SignInBody, {"email": "", "password": ""}),
        (SignInBody, {"email": "nope", "password": "x", "unknown": {"a": [1]}}),
        (SignOutBody, {}),
    ],
)
def test_body_without_failures_is_decoded(body: type[WireBody], value: Json) -> None:
    assert explain(body, value) == ""
    msgspec.convert(value, body)


class LooseBody(WireBody, frozen=True):
    anything: object
    kind: Literal["two", "one"] = "one"
    words: str | list[str] | UnsetType = UNSET


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "[body.anything] Invalid input: expected nonoptional, received undefined"),
        ({"anything": None}, ""),
        ({"anything": 1, "kind": "x"}, '[body.kind] Invalid option: expected one of "two"|"one"'),
        (
            {"anything": 1, "kind": ["one"]},
            '[body.kind] Invalid option: expected one of "two"|"one"',
        ),
        ({"anything": 1, "words": 5}, "[body.words] Invalid input"),
        ({"anything": 1, "words": ["a", 5]}, "[body.words] Invalid input"),
        ({"anything": 1, "words": ["a", "b"]}, ""),
    ],
)
def test_values_of_any_type_of_one_of_several_and_of_a_choice(
    value: dict[str, Json], text: str
) -> None:
    assert explain(LooseBody, value) == text


class EitherBody(WireBody, frozen=True):
    number: float = 0
    one: object = UNSET
    other: object = UNSET

    @classmethod
    def find_more_failures(cls, received: Json | UnsetType) -> Iterable[str]:
        if not isinstance(received, dict) or not {"one", "other"} & {*received}:
            yield "[body] Invalid input"


def test_rule_of_several_fields_is_told_after_those_of_each() -> None:
    assert explain(EitherBody, {"number": "x"}) == (
        "[body.number] Invalid input: expected number, received string; [body] Invalid input"
    )
    with pytest.raises(InvalidBody) as caught:
        EitherBody.read({"number": 1})
    assert caught.value.message == "[body] Invalid input"
    assert EitherBody.read({"other": None}).other is None


def test_values_in_lists_of_objects_are_named() -> None:
    class GrantBody(WireBody, frozen=True):
        grants: dict[str, list[str]]

    assert explain(GrantBody, {"grants": {"a": 1, "b": ["x", 2]}}) == (
        "[body.grants.a] Invalid input: expected array, received number;"
        " [body.grants.b.1] Invalid input: expected string, received number"
    )
