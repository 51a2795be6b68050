"""Row ids and session tokens, as Better Auth 1.7.7 `generateId` makes them."""

from secrets import choice
from string import ascii_letters, ascii_lowercase, digits

_ALPHABET = ascii_letters + digits


def new_id(length: int = 32) -> str:
    """Random characters of `a-zA-Z0-9`; 32 of them are 190 bits."""
    return "".join([choice(_ALPHABET) for _ in range(length)])


def new_lower_token(length: int) -> str:
    """Random characters of `0-9a-z`; 32 of them are 165 bits."""
    return "".join([choice(digits + ascii_lowercase) for _ in range(length)])
