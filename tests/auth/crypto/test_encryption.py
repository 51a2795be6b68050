"""What is encrypted at rest, held against the original's own `symmetricEncrypt`."""

import json
import subprocess
from pathlib import Path

import pytest

from app.auth.crypto.encryption import Cipher, Undecipherable
from app.settings.options import VersionedSecret
from app.settings.settings import Settings
from tests.support import node

CLIENT = Path(__file__).parents[2] / "system" / "js_client"
TEXT = '{"crv":"Ed25519","d":"日本 😀"}'
OLD = "old-secret-of-these-tests-k3J9vQ2mX7pL4"
NEW = "new-secret-of-these-tests-8fQ1zWc5nB0yT"
BEFORE = "secret-before-versions-2mX7pL4vK9rD6sH1"
VERSIONS = (VersionedSecret(2, NEW), VersionedSecret(1, OLD))

PLAIN = Cipher(Settings(secret=OLD))
VERSIONED = Cipher(Settings(secret=NEW, secrets=VERSIONS))
ALL = Cipher(Settings(secret=NEW, secrets=(*VERSIONS, VersionedSecret(None, BEFORE))))
THEIR_VERSIONS = json.dumps(
    {"keys": [[2, NEW], [1, OLD]], "currentVersion": 2, "legacySecret": BEFORE}
)


def original(what: str, key: str, data: str) -> str:
    node.install(CLIENT)
    command = [str(node.node()), str(CLIENT / "encryption.mjs"), what, key, data]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize(("cipher", "key"), [(PLAIN, OLD), (VERSIONED, THEIR_VERSIONS)])
def test_original_reads_what_we_encrypt_and_we_what_it_does(cipher: Cipher, key: str) -> None:
    assert original("decrypt", key, cipher.encrypt(TEXT)) == TEXT
    assert cipher.decrypt(original("encrypt", key, TEXT)) == TEXT


def test_ciphertext_is_hex_of_nonce_text_and_tag() -> None:
    data = PLAIN.encrypt(TEXT)
    assert bytes.fromhex(data).hex() == data
    assert len(bytes.fromhex(data)) == 24 + len(TEXT.encode()) + 16


def test_equal_texts_are_encrypted_differently() -> None:
    assert PLAIN.encrypt(TEXT) != PLAIN.encrypt(TEXT)


def test_current_version_encrypts_and_goes_with_the_text() -> None:
    assert VERSIONED.encrypt(TEXT).startswith("$ba$2$")


def test_every_version_decrypts() -> None:
    older = Cipher(Settings(secret=OLD, secrets=VERSIONS[::-1])).encrypt(TEXT)
    assert older.startswith("$ba$1$")
    assert VERSIONED.decrypt(older) == TEXT


def test_what_is_older_than_versions_needs_the_secret_of_that_time() -> None:
    bare = Cipher(Settings(secret=BEFORE)).encrypt(TEXT)
    assert ALL.decrypt(bare) == TEXT
    with pytest.raises(Undecipherable, match="set BETTER_AUTH_SECRET"):
        VERSIONED.decrypt(bare)


def test_version_that_was_retired_is_named() -> None:
    newer = Cipher(Settings(secret=NEW, secrets=(VersionedSecret(3, NEW),)))
    with pytest.raises(Undecipherable, match="no version 2"):
        newer.decrypt(VERSIONED.encrypt(TEXT))


def test_plain_secret_reads_no_envelope() -> None:
    with pytest.raises(Undecipherable, match="no version 2"):
        PLAIN.decrypt(VERSIONED.encrypt(TEXT))


@pytest.mark.parametrize("data", ["", "00", "not hex", "$ba$", "$ba$2$zz", "$ba$x$00", "00" * 60])
def test_nonsense_is_undecipherable(data: str) -> None:
    for cipher in (PLAIN, ALL):
        with pytest.raises(Undecipherable):
            cipher.decrypt(data)


def test_changed_ciphertext_is_undecipherable() -> None:
    data = PLAIN.encrypt(TEXT)
    with pytest.raises(Undecipherable):
        PLAIN.decrypt(data[:-1] + ("0" if data[-1] != "0" else "1"))
