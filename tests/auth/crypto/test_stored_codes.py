from hashlib import sha256

import pytest

from app.auth.crypto.encryption import Cipher
from app.auth.crypto.stored_codes import CodeStorage, StoredCodes, hash_key
from app.bridge.encodings import encode_base64url
from app.settings.settings import Settings
from tests.support.service import SECRET

CIPHER = Cipher(Settings(secret=SECRET))
OTHER = Cipher(Settings(secret=SECRET[::-1]))
STORAGES: list[CodeStorage] = ["plain", "hashed", "encrypted"]


@pytest.mark.parametrize("storage", STORAGES)
def test_only_the_stored_code_is_right(storage: CodeStorage) -> None:
    codes = StoredCodes(storage, CIPHER)
    stored = codes.seal("123456")
    assert codes.is_code(stored, "123456")
    assert not codes.is_code(stored, "123457")
    assert not codes.is_code(stored, "")
    assert (stored == "123456") is (storage == "plain")


def test_code_is_read_back_unless_it_is_hashed() -> None:
    found = {each: StoredCodes(each, CIPHER) for each in STORAGES}
    read = {each: codes.read(codes.seal("123456")) for each, codes in found.items()}
    assert read == {"plain": "123456", "hashed": None, "encrypted": "123456"}


def test_code_of_another_secret_is_neither_right_nor_readable() -> None:
    stored = StoredCodes("encrypted", OTHER).seal("123456")
    codes = StoredCodes("encrypted", CIPHER)
    assert not codes.is_code(stored, "123456")
    assert codes.read(stored) is None


def test_hash_is_sha_256_in_base64url() -> None:
    assert hash_key("Ada é") == encode_base64url(sha256("Ada é".encode()).digest())
