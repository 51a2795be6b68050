"""Tokens that two readers would understand differently are nobody's."""

import json

import pytest

from app.bridge import InvalidToken, Verifier
from app.bridge.strict_json import read_object

from .minting import SECRET, good_claims, raw_claims, raw_token

HEADER = b'{"alg":"HS256","typ":"at+jwt"}'
CLAIMS = json.dumps(good_claims())


def refusal(token: str) -> str:
    with pytest.raises(InvalidToken) as caught:
        Verifier(SECRET).verify(token)
    return caught.value.reason


@pytest.mark.parametrize("name", ["sub", "exp", "iss", "aud"])
def test_claim_that_is_said_twice(name: str) -> None:
    payload = f'{CLAIMS[:-1]}, "{name}": "a", "{name}": "a"}}'
    assert refusal(raw_claims(payload)) == f"payload says '{name}' twice"


def test_claim_that_is_said_twice_further_inside() -> None:
    payload = f'{CLAIMS[:-1]}, "more": [{{"role": "user", "role": "admin"}}]}}'
    assert refusal(raw_claims(payload)) == "payload says 'role' twice"


def test_name_that_is_written_in_two_ways_is_one_name() -> None:
    payload = f'{CLAIMS[:-1]}, "s\\u0075b": "user-2"}}'
    assert refusal(raw_claims(payload)) == "payload says 'sub' twice"


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"none","alg":"HS256","typ":"at+jwt"}',
        b'{"alg":"HS256","typ":"JWT","typ":"at+jwt"}',
        b'{"alg":"HS256","typ":"at+jwt","kid":"a","kid":"b"}',
    ],
)
def test_header_that_says_something_twice(header: bytes) -> None:
    assert refusal(raw_token(header, CLAIMS.encode())).startswith("header says '")


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" * 400 + "e1"])
def test_number_that_is_out_of_range(number: str) -> None:
    assert refusal(raw_claims(f'{{"sub":"u","exp":{number}}}')) == (
        "payload has a number that is out of range"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_payload_is_utf_8(encoding: str) -> None:
    assert refusal(raw_token(HEADER, CLAIMS.encode(encoding))) == "payload is not JSON"


def test_header_is_utf_8() -> None:
    header = HEADER.decode().encode("utf-16")
    assert refusal(raw_token(header, CLAIMS.encode())) == "header is not JSON"


@pytest.mark.parametrize("text", ["NaN", '{"a": -Infinity}', "", "{", '"a"', "[1]", "[" * 100_000])
def test_what_is_no_object_of_json(text: str) -> None:
    with pytest.raises(InvalidToken, match=r"claims (is not JSON|is not a JSON object)"):
        read_object(text.encode(), "claims")


def test_object_is_read_as_it_is() -> None:
    assert read_object('{"a": 1.5, "é": [{"a": 2}, null]}'.encode(), "claims") == {
        "a": 1.5,
        "é": [{"a": 2}, None],
    }
