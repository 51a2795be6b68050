"""Tokens signed with a key pair: whose key, which algorithm, for whom."""

import json
from string import ascii_letters

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from app.bridge import InvalidToken, MissingToken, Presented
from app.bridge.asymmetric import AsymmetricVerifier

from .minting import ISSUER, SECRET, good_claims, mint, raw_token

pytestmark = pytest.mark.anyio

ED25519, P256 = Ed25519PrivateKey.generate(), generate_private_key(SECP256R1())
KEYS = {
    "ed": PyJWK(OKPAlgorithm.to_jwk(ED25519.public_key(), as_dict=True), "EdDSA"),
    "ec": PyJWK(ECAlgorithm.to_jwk(P256.public_key(), as_dict=True), "ES256"),
}


async def find(kid: str) -> PyJWK | None:
    return KEYS.get(kid)


VERIFIER = AsymmetricVerifier(find, issuer=ISSUER, audience=ISSUER)


def signed(alg: str = "EdDSA", kid: str = "ed", typ: str = "", **changes: object) -> str:
    claims = good_claims(aud=ISSUER, sid=..., **changes)
    key = ED25519 if alg == "EdDSA" else P256
    return jwt.encode(claims, key, algorithm=alg, headers={"kid": kid, "typ": typ})


async def refusal(token: str, verifier: AsymmetricVerifier = VERIFIER) -> str:
    with pytest.raises(InvalidToken) as caught:
        await verifier.verify(token)
    return caught.value.reason


@pytest.mark.parametrize(("alg", "kid"), [("EdDSA", "ed"), ("ES256", "ec")])
async def test_good_token(alg: str, kid: str) -> None:
    user = await VERIFIER.verify(signed(alg, kid))
    assert (user.id, user.email, user.session_id) == ("user-1", "ann@example.com", None)
    assert (await VERIFIER.authenticate(Presented([f"Bearer {signed(alg, kid)}"]))).id == "user-1"


async def test_header_without_a_token_is_missing_it() -> None:
    with pytest.raises(MissingToken):
        await VERIFIER.authenticate(Presented([]))


async def test_key_decides_the_algorithm() -> None:
    assert await refusal(signed("EdDSA", "ec")) == "alg 'EdDSA', but the key is for ES256"


async def test_shared_secret_is_no_key_pair() -> None:
    expected = "alg 'HS256', expected one with a key pair"
    assert await refusal(mint(header={"kid": "ed"})) == expected
    public = json.dumps(OKPAlgorithm.to_jwk(ED25519.public_key(), as_dict=True)).encode()
    claims = json.dumps(good_claims(aud=ISSUER)).encode()
    forged = raw_token(b'{"alg":"HS256","kid":"ed"}', claims, secret=public)
    assert await refusal(forged) == expected


async def test_unknown_key_is_refused() -> None:
    assert await refusal(signed(kid="gone")) == "kid 'gone' is not published"


async def test_key_of_somebody_else_is_refused() -> None:
    claims = good_claims(aud=ISSUER)
    other = Ed25519PrivateKey.generate()
    token = jwt.encode(claims, other, algorithm="EdDSA", headers={"kid": "ed", "typ": ""})
    assert await refusal(token) == "signature does not match"


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "b64"], ids=str)
async def test_extension_that_is_critical_is_refused(crit: object) -> None:
    """PyJWT CVE-2026-32597."""
    header = json.dumps({"alg": "EdDSA", "kid": "ed", "crit": crit, "b64": True}).encode()
    assert await refusal(raw_token(header, b"{}")) == "crit is not supported"


async def test_header_that_says_something_twice_is_refused() -> None:
    header = b'{"alg":"none","alg":"EdDSA","kid":"ed"}'
    assert await refusal(raw_token(header, b"{}")) == "header says 'alg' twice"


async def test_signature_has_one_spelling() -> None:
    """The last four bits of its 86 characters stand for nothing."""
    token = signed()
    others = {token[:-1] + last for last in ascii_letters} - {token}
    found = [await refusal(other) for other in others]
    assert all(reason.startswith("signature") for reason in found)


@pytest.mark.parametrize("typ", ["JWT", "at+jwt"])
async def test_type_of_an_access_token_is_taken(typ: str) -> None:
    assert (await VERIFIER.verify(signed(typ=typ))).id == "user-1"


async def test_token_of_a_cookie_is_refused() -> None:
    found = await refusal(signed(typ="better-auth.session-cache+jwt"))
    assert found.startswith("typ 'better-auth.session-cache+jwt'")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": 1}, "token expired"),
        ({"iss": f"{ISSUER}/"}, "issuer"),
        ({"iss": "http://localhost"}, "issuer"),  # PyJWT CVE-2024-53861: a part of ours
        ({"iss": ...}, "issuer"),
        ({"sub": ""}, "sub"),
    ],
)
async def test_claims_are_checked(changes: dict[str, object], reason: str) -> None:
    assert (await refusal(signed(**changes))).startswith(reason)  # type: ignore[arg-type]  # claims


async def test_token_for_another_audience_is_refused() -> None:
    verifier = AsymmetricVerifier(find, issuer=ISSUER, audience=["a", "b"])
    assert (await refusal(signed(), verifier)).startswith("audience")


@pytest.mark.parametrize("audience", ["", (), [""]])
def test_audience_must_be_given(audience: str) -> None:
    with pytest.raises(ValueError, match="audience"):
        AsymmetricVerifier(find, issuer=ISSUER, audience=audience)


@pytest.mark.parametrize("token", ["", "a.b.c", "e30.e30.", f"e30.e30.{SECRET}", "a" * 9000])
async def test_junk_is_refused(token: str) -> None:
    assert await refusal(token)
