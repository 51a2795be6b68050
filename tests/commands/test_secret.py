import re
from pathlib import Path

import pytest
from jwt import InvalidKeyError

from app.bridge.hs256 import Hs256Key
from app.settings.secrets import find_weakness
from tests.commands.program import run_from_nothing


def test_secrets_are_fresh_strong_and_plain(tmp_path: Path) -> None:
    first, second = (run_from_nothing(tmp_path, "secret").stdout for _ in range(2))
    assert first != second
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}\n", first)
    assert find_weakness(first.strip()) is None
    assert find_weakness(f"{first.strip()}\n") == "begins or ends with a blank or a line break"


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ ann@example.com",
        '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS"}]}',
        '[{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ"}]',
    ],
)
def test_key_of_another_kind_is_no_secret(secret: str) -> None:
    assert find_weakness(secret) == "is a public or private key, or a JWK, not a shared secret"
    with pytest.raises(InvalidKeyError):  # PyJWT would sign nothing under it
        Hs256Key(secret.encode())
