"""Encodings that Python has not: base64url without padding, URI components, values of cookies."""

import re
from base64 import b64decode, urlsafe_b64encode
from typing import Final
from urllib.parse import quote, unquote_to_bytes

# What `encodeURIComponent` leaves as it is besides letters, digits and `_.-~`.
_UNRESERVED: Final = "!'()*"
_BROKEN_ESCAPE: Final = re.compile("%(?![0-9A-Fa-f]{2})")


def encode_base64url(raw: bytes) -> str:
    """Encodes as base64url without padding (RFC 4648 5)."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def decode_base64url(text: str) -> bytes:
    """Decodes base64url without padding, also with `+` and `/`. Raises ValueError otherwise."""
    return b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)


def encode_uri_component(text: str) -> str:
    """Encodes like `encodeURIComponent`."""
    return quote(text, safe=_UNRESERVED)


def decode_uri_component(text: str) -> str:
    """Decodes like `decodeURIComponent`. An invalid escape leaves the whole text unchanged."""
    if "%" not in text or _BROKEN_ESCAPE.search(text):
        return text
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeError:
        return text


def decode_cookie_value(text: str) -> str:
    """Decodes the value of a cookie like better-call 1.4.5 `parseCookies`: quotes, then escapes."""
    return decode_uri_component(text[1:-1] if text.startswith('"') else text)
