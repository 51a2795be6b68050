import asyncio
from datetime import timedelta

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.auth.email_verification.link_tokens import LinkClaims, LinkTokens, Purpose, derive_key
from app.auth.errors import InvalidLink, LinkExpired
from app.auth.hooks import Hooks
from app.models.clock import now
from app.models.records import ADA, ADAS_SESSION
from app.plugins.jwt.access_tokens import SharedSecretTokens
from app.plugins.jwt.options import JwtOptions
from app.settings.settings import Settings

SECRET = "better-auth-secret-123456789012345678901234567890"
EMAIL = "ada@example.com"
NOW = now()
IAT = int(NOW.timestamp())
TOKENS = LinkTokens([SECRET], expires_in=3600)
PROOFS = [
    LinkClaims(ADA.id, EMAIL),
    LinkClaims(ADA.id, EMAIL, Purpose.CONFIRM_CHANGE, "new@example.com"),
    LinkClaims(ADA.id, EMAIL, Purpose.VERIFY_CHANGE, "new@example.com"),
]


def payload(token: str) -> dict[str, object]:
    return jwt.decode(token, options={"verify_signature": False})


def signed(key: str | bytes, **claims: object) -> str:
    said = {"email": EMAIL, "sub": ADA.id, "iat": IAT, "exp": IAT + 3600, **claims}
    return jwt.encode(said, key, headers={"typ": None})


@pytest.mark.parametrize("claims", PROOFS)
def test_token_says_what_was_put_in(claims: LinkClaims) -> None:
    assert TOKENS.read(TOKENS.issue(claims, NOW), NOW) == claims


def test_token_has_the_shape_of_the_originals() -> None:
    token = TOKENS.issue(PROOFS[0], NOW)
    assert jwt.get_unverified_header(token) == {"alg": "HS256"}
    assert list(payload(token).items()) == [
        ("email", EMAIL),
        ("sub", ADA.id),
        ("iat", IAT),
        ("exp", IAT + 3600),
    ]


def test_token_of_a_change_names_both_addresses() -> None:
    assert list(payload(TOKENS.issue(PROOFS[1], NOW)).items()) == [
        ("email", EMAIL),
        ("updateTo", "new@example.com"),
        ("requestType", "change-email-confirmation"),
        ("sub", ADA.id),
        ("iat", IAT),
        ("exp", IAT + 3600),
    ]


def test_token_holds_until_it_expires() -> None:
    token = TOKENS.issue(PROOFS[0], NOW)
    assert TOKENS.read(token, NOW + timedelta(seconds=3598)) == PROOFS[0]
    with pytest.raises(LinkExpired):
        TOKENS.read(token, NOW + timedelta(seconds=3600))


@pytest.mark.parametrize("claimed", Purpose)
@pytest.mark.parametrize("claims", PROOFS)
def test_claims_do_not_change_the_purpose(claims: LinkClaims, claimed: Purpose) -> None:
    """What a token proves hangs on its key: moved under other claims it does not verify."""
    head, _, signature = TOKENS.issue(claims, NOW).split(".")
    other = TOKENS.issue(msgspec.structs.replace(claims, update_to="x@y.co", purpose=claimed), NOW)
    with pytest.raises(InvalidLink):
        TOKENS.read(".".join((head, other.split(".")[1], signature)), NOW)


def test_every_purpose_has_a_key_of_its_own() -> None:
    keys = {derive_key(SECRET, purpose) for purpose in Purpose}
    assert len(keys) == len(Purpose)
    assert SECRET.encode() not in keys


def test_key_of_a_purpose_is_what_hkdf_makes_of_the_secret() -> None:
    hkdf = HKDF(SHA256(), 32, salt=None, info=b"better-auth mail email-verification")
    assert derive_key(SECRET, Purpose.VERIFY) == hkdf.derive(SECRET.encode())


def test_token_is_read_that_any_library_signs_under_the_key() -> None:
    assert TOKENS.read(signed(derive_key(SECRET, Purpose.VERIFY)), NOW) == PROOFS[0]


def test_token_under_the_secret_itself_proves_nothing() -> None:
    """So that of a Node server proves nothing here."""
    with pytest.raises(InvalidLink):
        TOKENS.read(signed(SECRET), NOW)


def test_access_token_proves_nothing() -> None:
    access = SharedSecretTokens(Settings(secret=SECRET), JwtOptions(), Hooks(), names_email=True)
    token = asyncio.run(access.issue(ADA, ADAS_SESSION, NOW))
    assert payload(token)["email"] == ADA.email
    with pytest.raises(InvalidLink):
        TOKENS.read(token, NOW)


def test_token_is_none_under_the_secret_itself() -> None:
    """So that a Node server takes it for nothing."""
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(TOKENS.issue(PROOFS[0], NOW), SECRET, algorithms=["HS256"])


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a",
        "a.b.c",
        "…",
        "\ud800",
        jwt.encode({"email": EMAIL, "exp": IAT + 9}, "", algorithm="none"),
        TOKENS.issue(PROOFS[0], NOW)[:-1],
        TOKENS.issue(PROOFS[0], NOW) + ".",
    ],
    ids=["empty", "word", "parts", "sign", "surrogate", "unsigned", "cut", "longer"],
)
def test_anything_else_is_no_token(token: str) -> None:
    with pytest.raises(InvalidLink):
        TOKENS.read(token, NOW)


@pytest.mark.parametrize(
    "claims", [{"email": 5}, {"sub": None}, {"exp": "soon"}, {"exp": 1e999}, {"iat": None}]
)
def test_strange_claims_under_a_good_key_prove_nothing(claims: dict[str, object]) -> None:
    with pytest.raises(InvalidLink):
        TOKENS.read(signed(derive_key(SECRET, Purpose.VERIFY), **claims), NOW)


def test_former_secret_still_verifies() -> None:
    token = TOKENS.issue(PROOFS[0], NOW)
    rotated = LinkTokens(["another-secret-of-more-than-32-characters", SECRET], expires_in=60)
    assert rotated.read(token, NOW) == PROOFS[0]
    with pytest.raises(InvalidLink):
        TOKENS.read(rotated.issue(PROOFS[0], NOW), NOW)
