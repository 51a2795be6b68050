"""From header to user: what is a bearer token, what is an access token, whose libraries made it."""

import time

import jwt
import pytest
from jose import jwt as jose

from app.bridge import (
    BridgeError,
    InvalidToken,
    MissingToken,
    Presented,
    User,
    Verifier,
    bearer_token,
)

from .minting import SECRET, good_claims, mint, raw_header

VERIFIER = Verifier(SECRET)


def refusal(token: str, verifier: Verifier = VERIFIER) -> str:
    with pytest.raises(InvalidToken) as caught:
        verifier.verify(token)
    return caught.value.reason


def authenticated(authorization: list[str]) -> User:
    return VERIFIER.verify(bearer_token(authorization))


def test_good_token() -> None:
    user = VERIFIER.verify(mint())
    assert (user.id, user.email, user.name, user.session_id) == (
        "user-1",
        "ann@example.com",
        "Ann",
        "session-1",
    )


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "at+JWT", "application/at+jwt"])
def test_access_token_types(typ: str) -> None:
    assert VERIFIER.verify(mint(typ=typ)).id == "user-1"


@pytest.mark.parametrize(
    "typ", ["JWT", "", "jwt", "at+jwt ", "at", "logout+jwt", 1, True, ["at+jwt"]]
)
def test_other_types_are_refused(typ: object) -> None:
    assert refusal(raw_header(alg="HS256", typ=typ)).endswith("expected 'at+jwt'")


def test_missing_type_is_refused() -> None:
    assert refusal(raw_header(alg="HS256")) == "typ missing, expected 'at+jwt'"


def test_hand_minted_token_is_taken_where_the_setting_admits_it() -> None:
    lenient = Verifier(SECRET, accept_untyped=True)
    assert lenient.verify(jwt.encode(good_claims(), SECRET)).id == "user-1"
    assert lenient.verify(raw_header(alg="HS256")).id == "user-1"
    assert lenient.verify(mint()).id == "user-1"
    assert refusal(mint(typ="logout+jwt"), lenient).startswith("typ 'logout+jwt'")


def test_token_minted_by_python_jose() -> None:
    token = jose.encode(good_claims(), SECRET, algorithm="HS256", headers={"typ": "at+jwt"})
    assert VERIFIER.verify(token).id == "user-1"


def test_verification_link_of_better_auth_is_no_access_token() -> None:
    claims = {"email": "ann@example.com", "iat": int(time.time()), "exp": int(time.time()) + 900}
    token = jwt.encode(claims, SECRET)
    assert refusal(token).startswith("typ ")
    assert refusal(token, Verifier(SECRET, accept_untyped=True)).startswith("sub ")


def test_longest_token_is_8_kib() -> None:
    padding = 8 * 1024 - len(mint(good_claims(pad="")))
    fits = mint(good_claims(pad="x" * (padding * 3 // 4 - 3)))
    assert 8 * 1024 - 8 < len(fits) <= 8 * 1024
    assert VERIFIER.verify(fits).id == "user-1"
    assert refusal(mint(good_claims(pad="x" * padding))) == "longer than 8 KiB"
    assert refusal("." * 10_000_000) == "longer than 8 KiB"


def test_encrypted_token_is_named_as_such() -> None:
    assert refusal("e30.a.b.c.d").startswith("encrypted")


@pytest.mark.parametrize("token", ["", "null", "undefined", "a.b", "a.b.c.d", "." * 40])
def test_other_than_three_parts(token: str) -> None:
    assert refusal(token).startswith("not a JWT: ")


@pytest.mark.parametrize(
    "token",
    ["..", "a.b.c=", "a.b.ü", "a.b.c\n", "a.b.\udcff", "é.é.é", " a.b.c", "a.b+.c", "a.b.c/"],
)
def test_characters_outside_base64url(token: str) -> None:
    assert refusal(token) == "not a JWT: characters outside base64url"


@pytest.mark.parametrize("token", ["a.b.c", "AA.AA.AA", "e30.e30.e30", "YQ.YQ.YQ"])
def test_parts_that_are_not_json(token: str) -> None:
    assert refusal(token)


def test_padding_is_refused() -> None:
    assert refusal(mint() + "=") == "not a JWT: characters outside base64url"


def test_no_header_asks_for_a_token() -> None:
    with pytest.raises(MissingToken):
        authenticated([])


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_scheme_in_any_case(scheme: str) -> None:
    assert authenticated([f"{scheme} {mint()}"]).id == "user-1"


@pytest.mark.parametrize("value", [" Bearer {}", "Bearer   {}", "Bearer {}  ", "\tBearer {}\t"])
def test_white_space_around_the_token(value: str) -> None:
    assert authenticated([value.format(mint())]).id == "user-1"


@pytest.mark.parametrize(
    "value", ["Basic YTpi", "Token abc", "Negotiate", "DPoP a.b.c", "Bearerx", "{}"]
)
def test_other_schemes_are_no_credentials(value: str) -> None:
    with pytest.raises(MissingToken):
        authenticated([value.format(mint())])


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "=",
        "\xff",
        "Bearer",
        "Bearer ",
        "Bearer \x00",
        "Bearer \xff",
        "Bearer\t{}",
        "Bearer,{}",
        "Bearer:{}",
        "Bearer {} x",
        "Bearer Bearer {}",
        "Bearer token={}",
        "Bearer {}, Bearer {}",
        'Bearer "{}"',
        "Bearer {}\r\nX: y",
    ],
)
def test_garbage_header_is_an_invalid_token(value: str) -> None:
    with pytest.raises(InvalidToken):
        authenticated([value.replace("{}", mint())])


def test_two_headers_are_refused_even_when_alike() -> None:
    for second in (f"Bearer {mint()}", "Basic YTpi", ""):
        with pytest.raises(InvalidToken, match="more than one"):
            authenticated([f"Bearer {mint()}", second])


def test_no_refusal_holds_the_token() -> None:
    for token in (mint(secret="y" * 40), mint(typ="JWT"), mint(good_claims(sub=1)), mint() + "=="):
        with pytest.raises(BridgeError) as caught:
            authenticated([f"Bearer {token}"])
        shown = f"{caught.value} {caught.value.headers} {caught.value.detail} {caught.value!r}"
        assert not any(part in shown for part in token.split(".") if part)


@pytest.mark.anyio
async def test_authorization_headers_of_a_request() -> None:
    assert (await VERIFIER.authenticate(Presented([f"Bearer {mint()}"]))).id == "user-1"
    with pytest.raises(MissingToken):
        await VERIFIER.authenticate(Presented([], [f"authorization=Bearer {mint()}"]))


def test_presented_holds_every_value_of_its_headers_undecoded() -> None:
    headers = [(b"Authorization", b"a"), (b"cookie", b"b=%20"), (b"authorization", b"\xff")]
    more = [(b"host", b"h"), (b"Cookie", b"c"), (b"Origin", b"o"), (b"cookies", b"d")]
    assert Presented.by([*headers, *more]) == Presented(["a", "\xff"], ["b=%20", "c"], ["o"])
