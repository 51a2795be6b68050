"""Base64url without padding (RFC 4648, 5), with a strict decoder."""

from base64 import b64decode, urlsafe_b64encode


def encode(raw: bytes) -> str:
    """Returns the text of `raw`."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Returns the bytes of `text`. Raises ValueError."""
    return b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
