import pytest

from app.auth.passwords.hash_limits import UnusableHash, get_usable_hash
from app.auth.passwords.hashes import verify_hash
from tests.auth.passwords.test_hashes import ARGON2ID, BCRYPT, MALFORMED, SCRYPT, VARIANTS, WEAK

pytestmark = pytest.mark.usefixtures("full_cost_hashes")


@pytest.mark.parametrize(
    "stored", [SCRYPT, BCRYPT, BCRYPT.replace("$2b$", "$2y$"), ARGON2ID, *VARIANTS]
)
def test_hash_that_can_be_verified_is_kept_as_it_is(stored: str) -> None:
    assert get_usable_hash(stored) == stored


@pytest.mark.parametrize("stored", ["bcrypt$" + BCRYPT, "argon2" + ARGON2ID])
def test_django_s_names_are_taken_off(stored: str) -> None:
    assert verify_hash("password1", get_usable_hash(stored))


@pytest.mark.parametrize("stored", MALFORMED)
def test_malformed_hash_is_refused(stored: str) -> None:
    with pytest.raises(UnusableHash):
        get_usable_hash(stored)


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ("$2b$31$" + BCRYPT[7:], "has the cost 31; 4 to 14"),
        ("$2b$03$" + BCRYPT[7:], "has the cost 03"),
        (BCRYPT[:28] + "x" + BCRYPT[29:], "damaged bcrypt"),
        ("bcrypt_sha256$" + BCRYPT, "not a hash that this service can verify"),
        (WEAK.replace("m=64", "m=4194304"), "wants m=4194304,t=1,p=1; at most m=262144"),
        (WEAK.replace("m=64", "m=" + "9" * 99), "wants m=9999999999"),
        (WEAK.replace("t=1", "t=1000"), "wants m=64,t=1000"),
        (WEAK.replace("p=1", "p=64"), "wants m=64,t=1,p=64"),
        (WEAK.replace("p=1", "p=16"), "needs at least 8 KiB each"),
        (WEAK.replace("t=1", "t=0"), "an unknown version or form"),
        (WEAK.replace("v=19", "v=18"), "version"),
        (WEAK[:-1], "damaged argon2"),
        (WEAK[:-1] + "V", "damaged argon2"),
        (WEAK[: WEAK.rindex("$") + 9], "damaged argon2"),
        ("$argon2id$v=19$m=64,t=1,p=1$c2FsdA$" + WEAK.rpartition("$")[2], "damaged argon2"),
    ],
)
def test_hash_that_could_not_be_verified_is_refused(stored: str, reason: str) -> None:
    with pytest.raises(UnusableHash, match=reason.replace("$", r"\$")):
        get_usable_hash(stored)


@pytest.mark.parametrize("version", ["$v=19", "$v=16", ""])
def test_argon2_of_every_version_is_taken(version: str) -> None:
    assert get_usable_hash(WEAK.replace("$v=19", version))
