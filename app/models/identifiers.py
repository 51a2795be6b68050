"""Generates row ids and session tokens, like `generateId` of Better Auth 1.7.25."""

from secrets import token_bytes
from string import ascii_letters, ascii_lowercase, digits
from typing import Final
from uuid import uuid4


class _Alphabet:
    """Draws random characters with equal probability."""

    def __init__(self, characters: str) -> None:
        whole = 256 - 256 % len(characters)  # what a byte may be, for all to be as likely
        self._by_byte = bytes(ord(characters[byte % len(characters)]) for byte in range(256))
        self._dropped = bytes(range(whole, 256))

    def generate(self, length: int) -> str:
        drawn = b""
        while len(drawn) < length:
            drawn += token_bytes(2 * length).translate(self._by_byte, self._dropped)
        return drawn[:length].decode()


_IDS: Final = _Alphabet(ascii_letters + digits)
_ALPHABETIC: Final = _Alphabet(ascii_letters)
_DIGITS: Final = _Alphabet(digits)
_LOWER: Final = _Alphabet(digits + ascii_lowercase)


def generate_id(length: int = 32) -> str:
    """Returns random characters of `a-zA-Z0-9`. 32 of them have 190 bits."""
    return _IDS.generate(length)


def generate_uuid() -> str:
    """Returns a random UUID (version 4), like `crypto.randomUUID`."""
    return str(uuid4())


def generate_lower_token(length: int) -> str:
    """Returns random characters of `0-9a-z`. 32 of them have 165 bits."""
    return _LOWER.generate(length)


def generate_alphabetic_token(length: int) -> str:
    """Returns random characters of `a-zA-Z`. 32 of them have 182 bits."""
    return _ALPHABETIC.generate(length)


def generate_digits(length: int) -> str:
    """Returns random digits."""
    return _DIGITS.generate(length)
