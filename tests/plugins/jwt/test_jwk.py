"""Key pairs, in the form in which the original stores and reads them."""

import json

import pytest
from jwt import PyJWS
from jwt.utils import base64url_decode

from app.plugins.jwt.jwk import ALGORITHMS, Algorithm, generate, load

# As Better Auth 1.7.25 with jose 6 writes them.
MEMBERS = {
    "EdDSA": (["crv", "x", "kty"], ["crv", "d", "x", "kty"]),
    "ES256": (["kty", "x", "y", "crv"], ["kty", "x", "y", "crv", "d"]),
    "ES384": (["kty", "x", "y", "crv"], ["kty", "x", "y", "crv", "d"]),
    "ES512": (["kty", "x", "y", "crv"], ["kty", "x", "y", "crv", "d"]),
    "RS256": (["kty", "n", "e"], ["kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"]),
    "PS256": (["kty", "n", "e"], ["kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"]),
}
CURVES = {"EdDSA": "Ed25519", "ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
JUNK = ["", "[]", "{}", "null", '{"kty":"OKP"}', '{"kty":"OKP","crv":"Ed25519","x":null,"d":3}']
ALL: list[Algorithm] = ["EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256"]


def test_every_algorithm_is_tested() -> None:
    assert set(ALL) == ALGORITHMS


@pytest.mark.parametrize("alg", ALL)
def test_halves_have_the_members_of_the_original_in_its_order(alg: Algorithm) -> None:
    pair = generate(alg, 2048)
    public, private = json.loads(pair.public), json.loads(pair.private)
    assert (list(public), list(private)) == MEMBERS[alg]
    assert public.items() <= private.items()
    assert pair.crv == CURVES.get(alg) == public.get("crv")


@pytest.mark.parametrize("alg", ALL)
def test_private_half_signs_for_the_public_one(alg: Algorithm) -> None:
    pair = generate(alg, 2048)
    private, public = load(pair.private, alg), load(pair.public, alg)
    assert private is not None
    assert public is not None
    jws = PyJWS(algorithms=[alg])
    token = jws.encode(b"{}", private, algorithm=alg)
    assert jws.decode(token, public, algorithms=[alg]) == b"{}"


def test_modulus_has_the_bits_asked_for() -> None:
    modulus = json.loads(generate("RS256", 3072).public)["n"]
    assert len(base64url_decode(modulus)) == 3072 // 8


def test_no_two_pairs_are_alike() -> None:
    assert generate("EdDSA", 2048).private != generate("EdDSA", 2048).private


def test_key_of_another_kind_or_curve_is_none_for_the_algorithm() -> None:
    p256 = generate("ES256", 2048).private
    assert [alg for alg in ALL if load(p256, alg)] == ["ES256"]
    assert load(p256, "HS256") is None


@pytest.mark.parametrize("jwk", JUNK)
@pytest.mark.parametrize("alg", ALL)
def test_junk_is_no_key(jwk: str, alg: Algorithm) -> None:
    assert load(jwk, alg) is None


def test_private_half_is_not_shown() -> None:
    pair = generate("EdDSA", 2048)
    assert json.loads(pair.private)["d"] not in repr(pair)
