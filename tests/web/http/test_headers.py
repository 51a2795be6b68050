"""Duplicates were sent to the original over a raw socket; Node joins them like this."""

import pytest

from app.web.http.headers import Headers


def test_missing_header_is_none() -> None:
    headers = Headers([(b"host", b"localhost")])
    assert headers.get(b"origin") is None
    assert b"origin" not in headers


def test_empty_header_is_there() -> None:
    headers = Headers([(b"cookie", b"")])
    assert b"cookie" in headers
    assert headers.get(b"cookie") == ""


def test_values_are_latin_1() -> None:
    assert Headers([(b"user-agent", b"caf\xe9")]).get(b"user-agent") == "café"


@pytest.mark.parametrize(
    ("name", "joined"),
    [
        (b"origin", "one, two"),
        (b"x-forwarded-for", "one, two"),
        (b"sec-fetch-site", "one, two"),
        (b"cookie", "one; two"),
        (b"authorization", "one"),
        (b"referer", "one"),
        (b"content-type", "one"),
        (b"user-agent", "one"),
        (b"host", "one"),
    ],
)
def test_duplicates_are_joined_as_node_does(name: bytes, joined: str) -> None:
    assert Headers([(name, b"one"), (b"accept", b"*/*"), (name, b"two")]).get(name) == joined
