"""Hashes of every scheme; the scrypt rows were written by the original."""

import os
from base64 import b64encode

import bcrypt
import pytest
from argon2 import PasswordHasher

from app.auth.passwords.hash_limits import get_usable_hash
from app.auth.passwords.hashes import (
    Kind,
    Scheme,
    get_kind,
    is_like_new,
    is_outdated,
    make,
    verify_hash,
)
from app.settings.argon2_cost import Argon2Cost

pytestmark = pytest.mark.usefixtures("full_cost_hashes")

# Better Auth stored these for "password1" and for the text below it.
SCRYPT = (
    "19f078dd4dee3ae4a29b5436b255a09b:2782b1d4514e80101ebd48a378caa7e020613f9768253d4cf1fabfbf44f4"
    "de176d6eae765d16e016eed53ecc7af1ad4a87fe46c1c01b5fcf4e9440d280324009"
)
DECOMPOSED = "cafe\u0301 \u2460 \ufb01 \U0001f600"
COMPOSED = "caf\xe9 1 fi \U0001f600"
SCRYPT_OF_DECOMPOSED = (
    "b328b0a332ebb7d7162e929a4817601f:d6ca76195c566be87836ca7ceb0fc3c027f00f7bd7d2e2c700493c99f31c"
    "1c5086e7681d169ec6049b89a82bdb24e3b44a1a13de7806d418c16761ad3eee407f"
)
# All of "password1".
BCRYPT = "$2b$04$btwWzlve2hwr2T3n9k83tuIFb.DsiYrLOytbQsnpWwRPMZWFli/RO"
ARGON2ID = (
    "$argon2id$v=19$m=19456,t=2,p=1$T8UH60Uf9cSJyNVUCm6"
    "MXg$she/04eZbLOwWaifD2b08Cn/IhsUrwORVaSlSDfWlPk"
)
WEAK = (
    "$argon2id$v=19$m=64,t=1,p=1$adI/5lOHe+XNol3c68PTqw$qTn7iHmGm5eZNbjt7ajO3gdMGAHNmlhJuXKhONUZ79U"
)
VARIANTS = [
    WEAK,
    "$argon2i$v=19$m=64,t=1,p=1$TdFqp2FoMlZzaTVW9KUSTA$PGlo4C16X937zCS1leR1B5ZSgxBOcZJr5zzyLi/15B8",
    "$argon2d$v=19$m=64,t=1,p=1$Ox8s3/sIXZZ5RwUkU805ZA$jeAaDbB7eswksbHGsaa6qFpwRu5tSgEU1YEjctXdomY",
]
MALFORMED = [
    "",
    ":",
    "x",
    "plain text",
    SCRYPT[:-1],
    SCRYPT + "0",
    SCRYPT.upper(),
    SCRYPT.replace(":", "$"),
    "é" * 32 + ":" + "0" * 128,
    "0" * 32 + ":" + "é" * 128,
    "$argon2",
    "$argon2id$",
    "$argon2id$v=19$m=19456,t=2,p=1$",
    "$argon2id$v=19$m=19456,t=2,p=1$é$é",
    "$argon2x$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA\n",
    "$2b$",
    "$2b$12$short",
    BCRYPT + "x",
    BCRYPT[:-1] + "\0",
    "$2x$" + BCRYPT[4:],
]


@pytest.mark.parametrize(
    ("stored", "kind"),
    [
        (SCRYPT, Kind.SCRYPT),
        (BCRYPT, Kind.BCRYPT),
        (BCRYPT.replace("$2b$", "$2a$"), Kind.BCRYPT),
        (BCRYPT.replace("$2b$", "$2y$"), Kind.BCRYPT),
        (ARGON2ID, Kind.ARGON2ID),
        *((stored, Kind.ARGON2ID) for stored in VARIANTS),
        *((stored, Kind.UNKNOWN) for stored in MALFORMED),
    ],
)
def test_kind_is_told_by_the_whole_form(stored: str, kind: Kind) -> None:
    assert get_kind(stored) is kind


@pytest.mark.parametrize("stored", MALFORMED)
def test_malformed_hash_fits_nothing(stored: str) -> None:
    assert not verify_hash("password1", stored)
    assert not verify_hash(stored, stored)


@pytest.mark.parametrize(
    "stored",
    [
        "$argon2id$v=19$m=19456,t=2,p=1$a$a",
        "$argon2id$v=19$m=1,t=0,p=0$c2FsdHNhbHQ$aGFzaA",
        "$argon2id$v=99$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA",
        "$2b$99$" + BCRYPT[7:],
        "$2b$00$" + BCRYPT[7:],
    ],
)
def test_hash_of_good_form_and_impossible_parameters_fits_nothing(stored: str) -> None:
    assert get_kind(stored) is not Kind.UNKNOWN
    assert not verify_hash("password1", stored)


def test_original_s_scrypt_row_verifies() -> None:
    assert verify_hash("password1", SCRYPT)
    assert not verify_hash("password2", SCRYPT)
    assert not verify_hash("", SCRYPT)


@pytest.mark.parametrize("password", [DECOMPOSED, COMPOSED])
def test_original_s_hash_is_of_the_nfkc_form(password: str) -> None:
    assert verify_hash(password, SCRYPT_OF_DECOMPOSED)


@pytest.mark.parametrize("kind", [Kind.ARGON2ID, Kind.SCRYPT])
def test_new_hash_verifies_in_either_unicode_form_and_nothing_else(kind: Kind) -> None:
    stored = make(DECOMPOSED, Scheme(kind))
    assert get_kind(stored) is kind
    assert verify_hash(COMPOSED, stored)
    assert verify_hash(DECOMPOSED, stored)
    assert not verify_hash(COMPOSED.upper(), stored)
    assert not verify_hash(COMPOSED + " ", stored)


@pytest.mark.parametrize("kind", [Kind.ARGON2ID, Kind.SCRYPT])
def test_new_hashes_are_salted(kind: Kind) -> None:
    assert make("password1", Scheme(kind)) != make("password1", Scheme(kind))


def test_argon2id_has_the_parameters_of_owasp() -> None:
    assert make("password1", Scheme(Kind.ARGON2ID)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("password", ["\0" * 7 + "x", "pass\0word", "x" * 128, "😀" * 64])
@pytest.mark.parametrize("kind", [Kind.ARGON2ID, Kind.SCRYPT])
def test_nothing_of_a_password_is_cut_off(kind: Kind, password: str) -> None:
    stored = make(password, Scheme(kind))
    assert verify_hash(password, stored)
    assert not verify_hash(password[:-1], stored)


def test_bcrypt_row_verifies() -> None:
    assert verify_hash("password1", BCRYPT)
    assert verify_hash("password1", BCRYPT.replace("$2b$", "$2a$"))
    assert not verify_hash("password2", BCRYPT)


def test_bcrypt_row_of_a_long_password_verifies_as_bcrypt_always_did() -> None:
    stored = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert verify_hash("x" * 100, stored)


def test_hash_made_elsewhere_verifies_the_password_as_it_was_typed() -> None:
    typed = DECOMPOSED.encode()
    assert verify_hash(DECOMPOSED, bcrypt.hashpw(typed, bcrypt.gensalt(4)).decode())
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    assert verify_hash(DECOMPOSED, weak.hash(typed))
    assert not verify_hash(COMPOSED, weak.hash(typed))


def test_nul_in_a_password_is_no_fault_for_bcrypt() -> None:
    assert not verify_hash("pass\0word1", BCRYPT)


@pytest.mark.parametrize("stored", [ARGON2ID, *VARIANTS])
def test_argon2_row_of_any_variant_verifies(stored: str) -> None:
    assert verify_hash("password1", stored)
    assert not verify_hash("password2", stored)


@pytest.mark.parametrize(
    ("stored", "preferred", "outdated"),
    [
        (SCRYPT, Kind.SCRYPT, False),
        (SCRYPT, Kind.ARGON2ID, True),
        (BCRYPT, Kind.ARGON2ID, True),
        (BCRYPT, Kind.SCRYPT, True),
        *((stored, Kind.ARGON2ID, True) for stored in VARIANTS),
        (WEAK, Kind.SCRYPT, True),
        (ARGON2ID, Kind.ARGON2ID, False),
    ],
)
def test_hash_is_outdated_by_scheme_or_by_parameters(
    stored: str, preferred: Kind, outdated: bool
) -> None:
    assert is_outdated(stored, Scheme(preferred)) is outdated


def test_every_new_hash_looks_like_one() -> None:
    """What `get_usable_hash` and argon2-cffi would say of it is known then."""
    preferred = Scheme(Kind.ARGON2ID)
    for _ in range(50):
        salt, key = os.urandom(16), os.urandom(32)
        ends = (b64encode(part).decode().rstrip("=") for part in (salt, key))
        stored = "$".join(["$argon2id$v=19$m=19456,t=2,p=1", *ends])
        assert is_like_new(stored, preferred)
        assert get_usable_hash(stored) == stored
        assert not PasswordHasher(2, 19456, 1).check_needs_rehash(stored)
    assert is_like_new(make("x", preferred), preferred)


@pytest.mark.parametrize(
    "stored",
    [
        ARGON2ID[:-1],
        ARGON2ID + "A",
        ARGON2ID + "\n",
        f"{ARGON2ID[:-1]}B",  # a bit that no byte has
        ARGON2ID.replace("v=19", "v=16"),
        ARGON2ID.replace("argon2id", "argon2i"),
        ARGON2ID.replace("t=2", "t=3"),
        SCRYPT,
        BCRYPT,
        *VARIANTS,
        WEAK,
    ],
)
def test_all_others_are_looked_at_closely(stored: str) -> None:
    assert not is_like_new(stored, Scheme(Kind.ARGON2ID))


def test_nothing_looks_like_a_new_hash_of_scrypt() -> None:
    assert not is_like_new(SCRYPT, Scheme(Kind.SCRYPT))


@pytest.mark.parametrize(
    ("cost", "outdated"),
    [
        (Argon2Cost(), False),
        (Argon2Cost(memory=47104), True),
        (Argon2Cost(passes=3), True),
        (Argon2Cost(lanes=2), True),
    ],
)
def test_argon2id_of_another_cost_is_outdated(cost: Argon2Cost, outdated: bool) -> None:
    preferred = Scheme(Kind.ARGON2ID, cost)
    assert is_outdated(ARGON2ID, preferred) is outdated
    assert not is_outdated(make("x", preferred), preferred)
