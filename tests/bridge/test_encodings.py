"""Encodings: what is written is read, and nothing else is."""

import pytest

from app.bridge.encodings import (
    decode_base64url,
    decode_cookie_value,
    decode_uri_component,
    encode_base64url,
    encode_uri_component,
)


@pytest.mark.parametrize("raw", [b"", b"a", b"ab", b"abc", b"\xfb\xff", bytes(range(256))])
def test_base64url_has_no_padding_and_is_read_again(raw: bytes) -> None:
    text = encode_base64url(raw)
    assert not set(text) & set("+/=")
    assert decode_base64url(text) == raw


@pytest.mark.parametrize("text", ["a b/", "YQ==YQ", "YWJj\n", "\xe9", "a"])
def test_other_characters_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_base64url(text)


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("plain", "plain"),
        ("a%20b%3D", "a b="),
        ("%C3%A9", "\xe9"),
        ("100%", "100%"),
        ("%20%zz", "%20%zz"),
        ("%ff%20", "%ff%20"),
        ("\xe9%20", "\xe9 "),
        ("+", "+"),
    ],
)
def test_a_broken_escape_leaves_the_whole_text(text: str, decoded: str) -> None:
    assert decode_uri_component(text) == decoded


def test_uri_components_are_encoded_as_javascript_does() -> None:
    """Each as `encodeURIComponent` of Node 24 has it."""
    assert encode_uri_component("a-b_c.d~e!f*g'h(i)") == "a-b_c.d~e!f*g'h(i)"
    assert encode_uri_component("/?&=+ %\xe9") == "%2F%3F%26%3D%2B%20%25%C3%A9"


@pytest.mark.parametrize(
    ("text", "decoded"),
    [("a%3D", "a="), ('"a%3D"', "a="), ('"a', ""), ('%22a"', '"a"'), ("", "")],
)
def test_cookie_values_lose_their_quotes_before_their_escapes(text: str, decoded: str) -> None:
    assert decode_cookie_value(text) == decoded
