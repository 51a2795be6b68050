"""Checks shared secrets, and creates new ones."""

import re
import secrets
from typing import Final

from ..bridge.placeholders import is_placeholder

SHORTEST: Final = 32
# What PyJWT refuses to sign under.
_KEY: Final = re.compile(
    r"----[- ]BEGIN |\A(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp)"
    r'|\A\ufeff?[{\[].*"kty"\s*:',
    re.DOTALL,
)
_FEWEST_CHARACTERS: Final = 8  # different ones


def generate_secret() -> str:
    """Returns a secret of 256 random bits, without special characters of shells and `.env`."""
    return secrets.token_urlsafe(32)


def find_weakness(secret: str) -> str | None:
    """Returns what is wrong with a secret, without showing it. None for a good one."""
    if secret != secret.strip():
        return "begins or ends with a blank or a line break"
    if len(secret) > 1 and secret[0] == secret[-1] and secret[0] in "'\"":
        return "has quotes around it, which are part of the value"
    if len(secret) < SHORTEST:
        return f"has {len(secret)} characters, but needs {SHORTEST} or more"
    return _find_exposure(secret)


def _find_exposure(secret: str) -> str | None:
    """Returns why others may know or guess it."""
    if _KEY.search(secret):
        return "is a public or private key, or a JWK, not a shared secret"
    if is_placeholder(secret):
        return "is a publicly known placeholder"
    if len(set(secret)) < _FEWEST_CHARACTERS or _is_repetition(secret):
        return "is easy to guess, because it repeats itself"
    return None


def _is_repetition(text: str) -> bool:
    return any(
        text == (text[:period] * len(text))[: len(text)] for period in range(1, len(text) // 2 + 1)
    )
