"""Only what was signed with this key and this header is opened; other libraries agree."""

import string

import jwt
import pytest
from jose import jws as jose

from app.auth.crypto.jws import ACCESS_TOKEN, UNTYPED, Hs256

KEY = b"a-test-secret-of-more-than-32-bytes!"
JWS = Hs256(KEY)
PAYLOAD = '{"name":"Ada 日本"}'.encode()
TOKEN = JWS.sign(PAYLOAD)


def test_what_it_signed_is_opened() -> None:
    assert JWS.open(TOKEN) == PAYLOAD


@pytest.mark.parametrize("typ", [UNTYPED, ACCESS_TOKEN])
def test_other_libraries_open_it(typ: str) -> None:
    token = Hs256(KEY, typ).sign(PAYLOAD)
    assert jwt.PyJWS().decode(token, KEY, algorithms=["HS256"]) == PAYLOAD
    assert jose.verify(token, KEY, algorithms=["HS256"]) == PAYLOAD


def test_what_another_library_signed_is_opened_under_the_same_header() -> None:
    assert JWS.open(jwt.encode({"a": 1}, KEY, headers={"typ": None})) == b'{"a":1}'
    assert JWS.open(jwt.encode({"a": 1}, KEY)) is None
    assert JWS.open(jose.sign({"a": 1}, KEY.decode(), algorithm="HS256")) is None


@pytest.mark.parametrize(
    "other",
    [
        Hs256(KEY, ACCESS_TOKEN),
        Hs256(KEY + b"!"),
        Hs256(KEY, "JWT"),
    ],
    ids=["header", "key", "type"],
)
def test_another_key_or_header_is_not(other: Hs256) -> None:
    assert JWS.open(other.sign(PAYLOAD)) is None
    assert other.open(TOKEN) is None


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "\ud800", f"{TOKEN}.", f"{TOKEN}=", f"é{TOKEN}", TOKEN[:-1]]
)
def test_anything_else_is_not(token: str) -> None:
    assert JWS.open(token) is None


def test_signature_has_one_spelling() -> None:
    """The last two bits of its 43 characters stand for nothing."""
    others = {TOKEN[:-1] + last for last in string.ascii_letters + string.digits} - {TOKEN}
    assert {JWS.open(other) for other in others} == {None}
