"""Attacks on the signature: algorithm confusion, foreign keys, headers that point elsewhere."""

import json
import random
import string

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.bridge import InvalidToken, Verifier

from .minting import OTHER_SECRET, SECRET, good_claims, mint, raw_header, raw_token

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
_CHARACTERS = string.ascii_letters + string.digits + "-_.=+/ "
PUBLIC_PEM = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def refusal(token: str, verifier: Verifier | None = None) -> str:
    with pytest.raises(InvalidToken) as caught:
        (verifier or Verifier(SECRET)).verify(token)
    return caught.value.reason


@pytest.mark.parametrize(
    "alg",
    ["none", "None", "nOnE", "NONE", "hs256", "Hs256", "HS256 ", "HS384", "HS512", "RS256"],
)
def test_header_names_another_algorithm(alg: str) -> None:
    assert refusal(raw_header(alg=alg, typ="at+jwt")) == f"alg {alg}, expected HS256"


@pytest.mark.parametrize("alg", [["HS256"], {"HS256": 1}, 256, True])
def test_algorithm_is_not_text(alg: object) -> None:
    assert refusal(raw_header(alg=alg, typ="at+jwt")).startswith("alg a JSON ")


@pytest.mark.parametrize("header", [{}, {"alg": None}, {"alg": ""}])
def test_algorithm_is_missing(header: dict[str, object]) -> None:
    reason = refusal(raw_header(typ="at+jwt", **header))
    assert reason in {"alg missing, expected HS256", "alg '', expected HS256"}


def test_unsigned_token_is_refused_by_its_algorithm() -> None:
    token = jwt.encode(good_claims(), "", algorithm="none", headers={"typ": "at+jwt"})
    assert token.endswith(".")
    assert refusal(token) == "alg none, expected HS256"


def test_signature_stripped_from_a_good_token() -> None:
    assert refusal(mint().rpartition(".")[0] + ".").startswith("signature does not match")


def test_asymmetric_tokens_are_refused() -> None:
    for key, alg in ((RSA_KEY, "RS256"), (RSA_KEY, "PS256"), (EC_KEY, "ES256")):
        token = jwt.encode(good_claims(), key, algorithm=alg, headers={"typ": "at+jwt"})
        assert refusal(token) == f"alg {alg}, expected HS256"
    eddsa = jwt.encode(good_claims(), ed25519.Ed25519PrivateKey.generate(), algorithm="EdDSA")
    assert refusal(eddsa) == "alg EdDSA, expected HS256"


def test_public_key_as_hmac_secret_signs_nothing() -> None:
    claims = json.dumps(good_claims()).encode()
    token = raw_token(b'{"alg":"HS256","typ":"at+jwt"}', claims, secret=PUBLIC_PEM)
    assert refusal(token).startswith("signature does not match")


@pytest.mark.parametrize(
    "key",
    [
        PUBLIC_PEM.decode(),
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ ann@example.com",
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY",
        '{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ"}',
        '\n{"keys":[{"kty":"OKP","crv":"Ed25519"}]}',
        '[{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ"}]',
        '\ufeff{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ"}',
    ],
    ids=["pem", "ssh", "ecdsa", "jwk", "jwks", "list", "mark"],
)
def test_other_kinds_of_keys_are_not_taken_for_a_secret(key: str) -> None:
    """PyJWT GHSA-xgmm-8j9v-c9wx."""
    with pytest.raises(ValueError, match="not a shared secret"):
        Verifier(key)


def test_secret_may_hold_any_other_characters() -> None:
    for secret in ("{" + "k" * 32, "-----" * 8, "ssh-is-what-my-secret-begins-with"):
        assert Verifier(secret).verify(mint(secret=secret)).id == "user-1"


def test_other_secret() -> None:
    assert refusal(mint(secret=OTHER_SECRET)).startswith("signature does not match")


def test_empty_secret_signs_nothing() -> None:
    claims = json.dumps(good_claims()).encode()
    token = raw_token(b'{"alg":"HS256","typ":"at+jwt"}', claims, secret=b"")
    assert refusal(token).startswith("signature does not match")


def test_flipped_payload() -> None:
    header, _, signature = mint().split(".")
    payload = mint(good_claims(sub="user-2")).split(".")[1]
    assert refusal(f"{header}.{payload}.{signature}").startswith("signature does not match")


def test_no_changed_token_is_taken() -> None:
    token, chance = mint(), random.Random(7515)
    for _ in range(2000):
        place, length = chance.randrange(len(token)), chance.randrange(3)
        put = chance.choice(["", *_CHARACTERS])
        changed = token[:place] + put + token[place + length :]
        if changed != token:
            assert refusal(changed)


def test_signature_has_one_spelling() -> None:
    """PyJWT GHSA-hxm8-2xgr-2p9m; the last two bits of its 43 characters stand for nothing."""
    token = mint()
    others = {token[:-1] + last for last in _CHARACTERS} - {token}
    assert {refusal(other)[:9] for other in others} == {"signature", "not a JWT"}
    assert Verifier(SECRET).verify(token).id == "user-1"


def test_old_and_new_secret_both_verify_while_both_are_given() -> None:
    verifier = Verifier([OTHER_SECRET, SECRET])
    assert verifier.verify(mint(secret=OTHER_SECRET)).id == "user-1"
    assert verifier.verify(mint(secret=SECRET)).id == "user-1"


def test_secret_rotated_out_verifies_no_more() -> None:
    assert refusal(mint(), Verifier([OTHER_SECRET])).startswith("signature does not match")


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
def test_keys_offered_by_the_token_are_ignored(name: str) -> None:
    offer = {"kty": "oct", "k": "AAAA", "alg": "HS256"} if name == "jwk" else "http://127.0.0.1:1/"
    assert Verifier(SECRET).verify(mint(header={name: offer})).id == "user-1"
    assert refusal(mint(secret=OTHER_SECRET, header={name: offer})).startswith("signature does not")


@pytest.mark.parametrize("kid", ["../../../../dev/null", "' UNION SELECT 'k'--", "\x00", ""])
def test_kid_chooses_no_key(kid: str) -> None:
    assert Verifier(SECRET).verify(mint(header={"kid": kid})).id == "user-1"
    assert refusal(mint(secret=OTHER_SECRET, header={"kid": kid})).startswith(
        "signature does not match"
    )


@pytest.mark.parametrize("kid", [1, None, ["a"], {}])
def test_kid_that_is_not_text(kid: object) -> None:
    assert "kid" in refusal(raw_header(alg="HS256", typ="at+jwt", kid=kid))


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "exp", None, [1], ["http://x"]])
def test_any_crit_is_refused(crit: object) -> None:
    assert "crit" in refusal(raw_header(alg="HS256", typ="at+jwt", crit=crit, b64=True))


def test_unencoded_payload_is_refused() -> None:
    assert refusal(raw_header(alg="HS256", typ="at+jwt", crit=["b64"], b64=False))


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(
    "header", [b"", b"null", b"[]", b'"HS256"', b"{", b"\xff\xfe", b"[" * 5000, b"1" * 5000]
)
def test_header_that_is_not_a_json_object(header: bytes) -> None:
    assert refusal(raw_token(header, b"{}"))


@pytest.mark.parametrize("length", [1, 16, 31])
def test_short_secret_is_refused_at_construction(length: int) -> None:
    with pytest.raises(ValueError, match=f"secret 2 of 2 has {length} bytes"):
        Verifier([SECRET, "x" * length])


def test_length_of_a_secret_is_counted_in_bytes() -> None:
    secret = "é" * 16
    assert Verifier(secret).verify(mint(secret=secret)).id == "user-1"


@pytest.mark.parametrize("secrets", [[], "", [""]])
def test_no_secret_is_refused_at_construction(secrets: str | list[str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        Verifier(secrets)


def test_secret_that_is_not_text_is_not_quoted() -> None:
    with pytest.raises(ValueError, match="not UTF-8") as caught:
        Verifier("hidden" * 6 + "\udcff")
    assert "hidden" not in str(caught.value)
