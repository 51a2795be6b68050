"""What a refusal says, and that it can be sent as a header whatever the token held."""

import re

import pytest

from app.bridge import (
    BridgeError,
    ForbiddenUser,
    InvalidToken,
    MissingToken,
    Unavailable,
    Verifier,
)

from .minting import SECRET, good_claims, mint, raw_header

CHALLENGE = re.compile(
    r'Bearer error="invalid_token", error_description="[\x20-\x21\x23-\x5b\x5d-\x7e]+"'
)
NASTY = ['a"b', "a\\b", "a\r\nSet-Cookie: x=y", "\x00", "ü", "\ud800", "名" * 3000, '", realm="x']


def test_missing_token_gets_a_bare_challenge() -> None:
    error = MissingToken()
    assert (error.status, error.headers) == (401, {"WWW-Authenticate": "Bearer"})


def test_invalid_token_says_why() -> None:
    error = InvalidToken("token expired")
    assert (error.status, error.detail) == (401, "token expired")
    assert error.headers == {
        "WWW-Authenticate": 'Bearer error="invalid_token", error_description="token expired"'
    }


def test_forbidden_user_gets_no_challenge() -> None:
    error = ForbiddenUser()
    assert (error.status, error.code, error.headers) == (403, "FORBIDDEN", {})


def test_unavailable_tells_the_log_why_and_not_the_caller() -> None:
    error = Unavailable("http://10.0.0.7/jwks does not answer")
    assert "10.0.0.7" in str(error)
    expected = (503, "AUTH_UNAVAILABLE", {"Retry-After": "2"})
    assert (error.status, error.code, error.headers) == expected
    assert "10.0.0.7" not in error.detail


@pytest.mark.parametrize(
    "error", [MissingToken(), InvalidToken("x"), Unavailable("x"), ForbiddenUser()]
)
def test_every_refusal_is_a_bridge_error(error: BridgeError) -> None:
    assert error.code
    assert error.message
    assert error.detail


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("where", ["iss", "aud", "sub", "exp", "alg", "typ", "kid", "crit"])
def test_challenge_is_header_safe(where: str, nasty: str) -> None:
    if where in {"alg", "typ", "kid", "crit"}:
        value = [nasty] if where == "crit" else nasty
        header = {"alg": "HS256", "typ": "JWT", where: value}
        token = raw_header(**header)
    else:
        token = mint(good_claims(**{where: nasty}))
    with pytest.raises(InvalidToken) as caught:
        Verifier(SECRET, issuer="http://localhost:8000", audience="api").verify(token)
    challenge = caught.value.www_authenticate
    assert CHALLENGE.fullmatch(challenge)
    assert len(challenge) < 300
