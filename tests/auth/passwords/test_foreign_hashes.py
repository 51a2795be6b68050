"""Hashes that Django 5.2, Werkzeug 3 and passlib 1.7 wrote."""

import pytest

from app.auth.passwords.foreign_hashes import Scrypt, read_foreign
from app.auth.passwords.hash_limits import UnusableHash, get_usable_hash
from app.auth.passwords.hashes import Kind, Scheme, get_kind, is_outdated, verify_hash

pytestmark = pytest.mark.usefixtures("full_cost_hashes")

DJANGO = "pbkdf2_sha256$1000$Zs0vDuFfyjN7$a4dbik+8+euEvnykj5mwW3sXSoayMVKQHJlx19ll6fI="
PBKDF2 = {
    "django": DJANGO,
    "django sha1": "pbkdf2_sha1$1000$Zs0vDuFfyjN7$bS1wZks0NseqKDDLfRVQm6zO+Hc=",
    "werkzeug": "pbkdf2:sha256:1000$e2OFKcMUuE2Kp9Ej$"
    "78d64c094f7decde5c775bbb8d8d88009d8b8b4e8b7187f5d8afea7fee4861fe",
    "werkzeug sha512": "pbkdf2:sha512:1000$mdDIcJkRKxsChJfV$"
    "e2ef158f7f1d4c66e1b3172235d1d93f2a68496d3042b90f393e20ee78474904"
    "7e38369b1f2bb13cef9c8ea70f8232b99632d9b6d04752f5aa3d48fccced1005",
    "passlib": "$pbkdf2-sha256$1000$4Xwv5ZzzvndOqTXGeK/1Xg$"
    "Af78i5spqDUf5lpwVdTUE6eo/g1iB8y1aUDT2KBEiY4",
    "passlib sha512": "$pbkdf2-sha512$1000$hnBOKeX8H2OsdY4RgrAWQg$"
    "47TobiHF8w/5QFRyKHNjiwtmmoL8cte3llPzTgamV/wF31iFPjTk16TO8ldJ8fCR5y4HM48jtjC1SNxOegTLEQ",
    "passlib sha1": "$pbkdf2$1000$4dxbK8U4R0jp/T/nvLdWKg$Fi6r4If4nQ92jWUO3FVjFPR.Ezw",
}
SCRYPT = {
    "django": "scrypt$1024$Zs0vDuFfyjN7$8$5$"
    "bvIMenGCGdKoqiJOIaqHXaqMQQ/VT2wZwJUvpHYFczm7Id5qlyglYk51akBPcooKqQrClR6h+DZMgmC5sv53SQ==",
    "werkzeug": "scrypt:1024:8:1$UlR4VweEF80StHCP$"
    "4a3d324d76574fd172d83a72d2a37def2320cb20f342c9e7c094307fd290280f"
    "26a7ffe1f61295252eef8af6117071e60f1e85c02332aac4b56102b5d5ed7ddc",
    "werkzeug's own cost": "scrypt:32768:8:1$OkVm2kMKbwhSvsej$"
    "952424f8e1315bfdc04baa8ae7a98843962b81200a44690ff80fc770031d3def"
    "79fbd154ad8056080350644580f68c257f1dc2b122bc5e56b91aeedfa7851786",
    "passlib": "$scrypt$ln=10,r=8,p=1$v/deS2ktBWAsRQiB8F7LeQ$"
    "T4zTFg2ePswXTzVUuPKM0M0IwX1OthCoFT+wJwwXV5s",
    "passlib's own cost": "$scrypt$ln=16,r=8,p=1$C8F4j1GKMUYopRSCcK51jg$"
    "z12hz8kaDa/2Byqo/p7DSWA37Dp8yon3ieIzDuwsNlE",
}
# Django's, of "pass①", which NFKC would make "pass1".
TYPED = "pbkdf2_sha256$1000$Zs0vDuFfyjN7$kX6oMyWoN4g/swtWZ+Pekj/ztnspB/AYkdaM0Yz5uHY="
EVERY = [*PBKDF2.values(), *SCRYPT.values()]


@pytest.mark.parametrize("stored", EVERY)
def test_hash_verifies_with_its_password_alone(stored: str) -> None:
    assert verify_hash("password1", stored)
    assert not verify_hash("password2", stored)
    assert not verify_hash("", stored)


@pytest.mark.parametrize("stored", EVERY)
def test_hash_is_usable_and_made_anew_at_the_first_sign_in(stored: str) -> None:
    assert get_usable_hash(stored) == stored
    assert get_kind(stored) is (Kind.PBKDF2 if stored in PBKDF2.values() else Kind.FOREIGN_SCRYPT)
    assert is_outdated(stored, Scheme(Kind.SCRYPT))
    assert is_outdated(stored, Scheme(Kind.ARGON2ID))


def test_hash_is_of_the_password_as_it_was_typed() -> None:
    assert verify_hash("pass①", TYPED)
    assert not verify_hash("pass1", TYPED)


@pytest.mark.parametrize(
    "stored",
    [
        DJANGO[:-1] + "*",
        DJANGO[:-20],
        DJANGO.rpartition("$")[0] + "$YQ==",
        DJANGO.replace("sha256", "md5"),
        DJANGO.replace("$1000$", "$0$"),
        DJANGO.replace("$1000$", "$-1$"),
        DJANGO.replace("Zs0vDuFfyjN7", ""),
        DJANGO + "\n",
        PBKDF2["werkzeug"][:-1],
        PBKDF2["passlib"].replace("$4X", "$*4X"),
        PBKDF2["passlib"] + "AA",
        SCRYPT["passlib"][:-8],
        "!x7Kq2mVd0TnYb1Rk7XcW9sLf4HuJ8aEpQw",
    ],
)
def test_damaged_hash_is_none(stored: str) -> None:
    assert get_kind(stored) is Kind.UNKNOWN
    assert not verify_hash("password1", stored)


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (DJANGO.replace("$1000$", "$5000001$"), "has 5000001 iterations; at most 5000000"),
        (SCRYPT["django"].replace("$1024$", "$1000$"), "does not allow: n=1000,r=8,p=5"),
        (SCRYPT["django"].replace("$8$5$", "$0$5$"), "does not allow"),
        (SCRYPT["werkzeug"].replace(":1024:", ":1048576:"), "wants n=1048576,r=8,p=1"),
        (SCRYPT["passlib"].replace("p=1", "p=999"), "wants n=1024,r=8,p=999"),
        (SCRYPT["passlib"].replace("ln=10", "ln=99"), "too much to verify"),
        ("$7$C6..../....SodiumChloride$", "is not a hash that this service can verify"),
    ],
)
def test_hash_that_costs_too_much_is_refused_and_fits_nothing(stored: str, reason: str) -> None:
    with pytest.raises(UnusableHash) as told:
        get_usable_hash(stored)
    assert reason in str(told.value)
    assert not verify_hash("password1", stored)


def test_dearest_scrypt_that_is_allowed_has_the_memory_it_needs() -> None:
    assert not Scrypt(2**18, 8, 2, b"salt", bytes(32)).matches("x")
    assert read_foreign(f"scrypt:{2**18}:8:2$salt${bytes(32).hex()}") is not None
