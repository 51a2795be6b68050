"""Bodies as JavaScript reads them; the original gave the same answers."""

import json

import pytest
from msgspec import UNSET

from app.models.additional_fields import Json
from app.models.errors import BodyTooLarge, MalformedJson, UnsupportedMediaType
from app.web.input.parsed_body import NO_BODY, ParsedBody, parse_body

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def read(body: bytes, content_type: str | None = JSON, *, form: bool = True) -> ParsedBody:
    return parse_body(content_type, body, form_allowed=form)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"{}", {}),
        (b"null", None),
        (b' \t\r\n"x" ', "x"),
        (b'{"a":1,"b":true,"c":null,"d":"\\u00e9"}', {"a": 1, "b": True, "c": None, "d": "é"}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b'{"a":"\xff"}', {"a": "\ufffd"}),
        (b'{"a":"\xed\xa0\x80\xff"}', {"a": "\ufffd" * 4}),
        (b'{"a":"\xe2\x82"}', {"a": "\ufffd"}),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'\xef\xbb\xbf{"a":1,"a":2}', {"a": 2}),
        (b'{"a":"\\ud800x"}', {"a": "\ufffdx"}),
        (b'{"\\ud800":1}', {"\ufffd": 1}),
        (b'"\\ude00\\ud83d"', "\ufffd\ufffd"),
        (b'"\\ud800\\ud83d\\uDE00\\ude00"', "\ufffd😀\ufffd"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'"\\\\\\ud800"', "\\\ufffd"),
        (b'"\\\\ud83d\\ude00"', "\\ud83d\ufffd"),
        (b'"\\"\\ud83d"', '"\ufffd'),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\u0000"', "\0"),
        (b'{"a":1e400}', {"a": float("inf")}),
        (b'{"a":-1e400}', {"a": float("-inf")}),
        (b"1E309", float("inf")),
        (b"9" * 5000, float("inf")),
        (b'{"__proto__":{"name":"x"}}', {"__proto__": {}}),
    ],
)
def test_value_is_what_javascript_would_parse(body: bytes, value: Json) -> None:
    assert read(body).value == value


@pytest.mark.parametrize("bad", [b"", b"\\ud800", b"\xff"])
def test_of_what_is_nested_only_the_kind_is_kept(bad: bytes) -> None:
    """Nobody reads more, and a mebibyte of brackets would hold up everybody."""
    nested = b'[[],{"a":"' + bad + b'"},1e400]'
    document = read(b'{"a":' + nested + b', "b" : {"c":' + nested + b'},"d":"x"}')
    assert document.value == {"a": [], "b": {}, "d": "x"}
    assert read(nested) == ParsedBody([])


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("digits", [b"9" * 30, b"-" + b"9" * 30, b"9" * 400, b"-" + b"9" * 5000])
def test_integers_of_any_length_are_numbers(bom: bytes, digits: bytes) -> None:
    assert isinstance(read(bom + digits).value, int | float)


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"nul",
        b"{'a':1}",
        b'{"a":1,}',
        b"[1]x",
        b"01",
        b'{"a":.5}',
        b'{"a":[01]}',
        b'{"a":["\\x41"]}',
        b'[{"a":nul}]',
        b'["\n"]',
        b'{"a":"\\ud80"}',
        b'{"a":NaN}',
        b"Infinity",
        b"-Infinity",
        b'"\x01"',
        b'"\n"',
        b'"\\x41"',
        b'{"a"',
        b'{"a":"',
        b"\xff",
        b"\xef\xbb\xbf",
        b"/**/{}",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'\xef\xbb\xbf{"a":' * 50_000,
    ],
)
def test_malformed_json_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedJson):
        read(body)


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_no_depth_of_nesting_is_a_fault(bom: bytes) -> None:
    for depth in range(50, 1300, 25):
        body = bom + b'{"a":' * depth + b'"\\ud800"' + b"}" * depth
        try:
            assert isinstance(read(body).value, dict)
        except MalformedJson:
            assert depth > 100


@pytest.mark.parametrize("content_type", [JSON, FORM, "text/plain", None, ""])
def test_empty_body_is_no_body_whatever_its_type(content_type: str | None) -> None:
    assert read(b"", content_type) is NO_BODY
    assert NO_BODY.value is UNSET


@pytest.mark.parametrize("content_type", [None, ""])
def test_body_without_a_type_is_no_body(content_type: str | None) -> None:
    assert read(b"{}", content_type) is NO_BODY


@pytest.mark.parametrize(
    "content_type",
    [
        JSON,
        "APPLICATION/JSON",
        "application/json; charset=utf-16",
        " application/json ;x=y",
    ],
)
def test_json_is_json_in_any_case_and_with_any_parameter(content_type: str) -> None:
    assert read(b"{}", content_type, form=False).value == {}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "Text/Plain",
        "multipart/form-data; boundary=x",
        "application/vnd.api+json",
        "application/jsonfoo",
        "application/json+x",
        "application/json-patch+json",
        "text/application/json",
        "application/json, text/plain",
        "application/x-www-form-urlencoded2",
        "text/plain; application/json",
        "application/xml",
        "json",
        ";application/json",
        "*/*",
    ],
)
def test_other_types_are_refused_and_echoed_as_sent(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaType) as refused:
        read(b"{}", content_type)
    assert refused.value.message == (
        f'Content-Type "{content_type}" is not allowed. Allowed types: {FORM}, {JSON}'
    )


def test_forms_are_refused_where_only_json_is_allowed() -> None:
    with pytest.raises(UnsupportedMediaType) as refused:
        read(b"a=b", FORM, form=False)
    assert refused.value.message == (f'Content-Type "{FORM}" is not allowed. Allowed types: {JSON}')


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"name=a+b&email=form%40b.co&image=", {"name": "a b", "email": "form@b.co", "image": ""}),
        (b"name=%FF", {"name": "\ufffd"}),
        (b"name=\xc3\xa9", {"name": "é"}),
        (b"name=\xff", {"name": "\ufffd"}),
        (b"name=1&name=2", {"name": "2"}),
        (b"email", {"email": ""}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"rememberMe=false", {"rememberMe": "false"}),
        (b"&&", {}),
        (b"%zz=%", {"%zz": "%"}),
    ],
)
def test_form_fields_are_texts_and_the_last_of_a_name_counts(
    body: bytes, value: dict[str, str]
) -> None:
    document = read(body, f"{FORM}; charset=utf-8")
    assert document.value == value


def fields(count: int, content_type: str) -> bytes:
    names = [f"f{number}" for number in range(count)]
    if content_type == JSON:
        return json.dumps(dict.fromkeys(names)).encode()
    return "&".join(names).encode()


@pytest.mark.parametrize("content_type", [JSON, FORM])
def test_more_than_a_thousand_fields_are_too_many(content_type: str) -> None:
    kept = read(fields(1000, content_type), content_type).value
    assert isinstance(kept, dict)
    assert len(kept) == 1000
    with pytest.raises(BodyTooLarge):
        read(fields(1001, content_type), content_type)
