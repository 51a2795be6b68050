"""Claims of rightly signed tokens that are refused all the same."""

import json
import time

import pytest

from app.bridge import InvalidToken, Verifier

from .minting import ISSUER, SECRET, good_claims, mint, raw_claims

BEYOND_FLOAT = 10**310


def refusal(token: str, verifier: Verifier | None = None) -> str:
    with pytest.raises(InvalidToken) as caught:
        (verifier or Verifier(SECRET)).verify(token)
    return caught.value.reason


def from_now(seconds: int) -> int:
    return int(time.time()) + seconds


def test_missing_exp() -> None:
    assert refusal(mint(good_claims(exp=...))) == "exp is missing"


def test_expired() -> None:
    assert refusal(mint(good_claims(exp=from_now(-6)))) == "token expired"


@pytest.mark.parametrize("exp", [0, -1, -(10**40), -BEYOND_FLOAT, 1.5])
def test_expired_long_ago(exp: float) -> None:
    assert refusal(mint(good_claims(exp=exp))) == "token expired"


@pytest.mark.parametrize("exp", ["null", '"99999999999"', "true", "[]", "{}"])
def test_exp_is_not_a_number(exp: str) -> None:
    reason = refusal(raw_claims(f'{{"sub":"u","exp":{exp}}}'))
    assert reason == "exp is not a number of seconds"


@pytest.mark.parametrize("exp", ["NaN", "Infinity", "-Infinity", "01", "0x10", "1" * 4400])
def test_exp_is_not_json(exp: str) -> None:
    assert refusal(raw_claims(f'{{"sub":"u","exp":{exp}}}')) == "payload is not JSON"


@pytest.mark.parametrize("exp", [10**12 * 2, 10**300, BEYOND_FLOAT, 1e300])
def test_exp_in_milliseconds_is_pointed_out(exp: float) -> None:
    assert "milliseconds" in refusal(mint(good_claims(exp=exp)))


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize("ahead", [20, 3600, 10**12, BEYOND_FLOAT])
def test_token_from_the_future(claim: str, ahead: int) -> None:
    assert claim in refusal(mint(good_claims(**{claim: from_now(ahead)})))


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize("value", ["0", True, None, [], {}])
def test_time_is_not_a_number(claim: str, value: object) -> None:
    token = raw_claims(json.dumps(good_claims(**{claim: value})))
    assert refusal(token) == f"{claim} is not a number of seconds"


def test_iat_is_optional() -> None:
    assert Verifier(SECRET).verify(mint(good_claims(iat=...))).id == "user-1"


def test_fractions_of_a_second_are_numbers() -> None:
    claims = good_claims(exp=time.time() + 60.5, iat=time.time() - 0.5, nbf=time.time() - 0.5)
    assert Verifier(SECRET).verify(mint(claims)).id == "user-1"


def test_leeway_bridges_clocks_that_differ() -> None:
    verifier = Verifier(SECRET, leeway=30)
    assert verifier.verify(mint(good_claims(exp=from_now(-20)))).id == "user-1"
    assert verifier.verify(mint(good_claims(iat=from_now(20), nbf=from_now(20)))).id == "user-1"
    assert refusal(mint(good_claims(exp=from_now(-31))), verifier) == "token expired"


@pytest.mark.parametrize("leeway", [31, 30.1, -1, float("nan"), float("inf")])
def test_unsafe_leeway_is_refused_at_construction(leeway: float) -> None:
    with pytest.raises(ValueError, match="leeway"):
        Verifier(SECRET, leeway=leeway)


@pytest.mark.parametrize("sub", ["1", "true", "null", '""', "[]", '{"id":1}', r'"a\u0000b"'])
def test_sub_is_not_text(sub: str) -> None:
    assert refusal(raw_claims(f'{{"exp":9999999999,"sub":{sub}}}')).startswith("sub is not")


@pytest.mark.parametrize("sub", [r'"\ud800"', r'"a\nb"', r'"\u200b"'])
def test_sub_is_not_printable(sub: str) -> None:
    assert refusal(raw_claims(f'{{"exp":9999999999,"sub":{sub}}}')).startswith("sub is not")


def test_missing_sub() -> None:
    assert refusal(mint(good_claims(sub=...))).startswith("sub is not")


def test_user_id_is_no_stand_in_for_sub() -> None:
    assert refusal(mint(good_claims(sub=..., user_id="user-1"))).startswith("sub is not")


def test_sub_of_other_scripts() -> None:
    assert Verifier(SECRET).verify(mint(good_claims(sub="użytkownik-名"))).id == "użytkownik-名"


@pytest.mark.parametrize(
    "iss",
    [
        ISSUER + "/",
        ISSUER[:-1],
        ISSUER + ".evil.example",
        ISSUER.upper(),
        "http",
        "",
        None,
        ...,
        [ISSUER],
        {"a": ISSUER},
    ],
)
def test_issuer_is_compared_exactly(iss: object) -> None:
    token = raw_claims(json.dumps(good_claims(iss=iss)))
    assert refusal(token, Verifier(SECRET, issuer=ISSUER)).startswith("issuer ")


def test_wrong_issuer_is_named_beside_the_expected_one() -> None:
    reason = refusal(mint(good_claims(iss="https://a.example")), Verifier(SECRET, issuer=ISSUER))
    assert reason == f"issuer 'https://a.example', expected '{ISSUER}'"


def test_issuer_is_not_asked_for_unless_configured() -> None:
    assert Verifier(SECRET).verify(mint(good_claims(iss=...))).id == "user-1"


@pytest.mark.parametrize("aud", ["api", ["api"], ["web", "api"], ["api", 1]])
def test_audience_names_this_api(aud: object) -> None:
    verifier = Verifier(SECRET, audience="api")
    assert verifier.verify(mint(good_claims(aud=aud))).id == "user-1"


@pytest.mark.parametrize(
    "aud", ["ap", "api2", "API", "", [], ["web"], [["api"]], {"api": 1}, 1, ...]
)
def test_audience_is_compared_exactly(aud: object) -> None:
    token = raw_claims(json.dumps(good_claims(aud=aud)))
    assert refusal(token, Verifier(SECRET, audience=["api"])).startswith("audience ")


@pytest.mark.parametrize("aud", ["api", ["api"], [], "", 0])
def test_token_for_somebody_is_refused_where_no_audience_is_configured(aud: object) -> None:
    reason = refusal(raw_claims(json.dumps(good_claims(aud=aud))))
    assert reason.endswith("but this API has no audience configured")


def test_one_of_several_audiences() -> None:
    verifier = Verifier(SECRET, audience=["web", "api"])
    assert verifier.verify(mint(good_claims(aud="api"))).id == "user-1"
    assert refusal(mint(good_claims(aud="x")), verifier) == "audience 'x', expected 'api or web'"


@pytest.mark.parametrize(("issuer", "audience"), [("", ()), (None, ""), (None, ["api", ""])])
def test_empty_issuer_or_audience_is_refused_at_construction(
    issuer: str | None, audience: str | list[str]
) -> None:
    with pytest.raises(ValueError, match="empty"):
        Verifier(SECRET, issuer=issuer, audience=audience)


@pytest.mark.parametrize("payload", ["[]", "null", '"sub"', "1"])
def test_payload_is_not_an_object(payload: str) -> None:
    assert refusal(raw_claims(payload)) == "payload is not a JSON object"


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("payload", ["{", "{}{}", '{"sub":}', "[" * 6000])
def test_payload_is_not_json(payload: str) -> None:
    assert refusal(raw_claims(payload)) == "payload is not JSON"
