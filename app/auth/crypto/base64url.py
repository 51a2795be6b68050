"""Base64url without padding (RFC 4648 5), strict when it reads."""

from base64 import b64decode, urlsafe_b64encode


def encode(raw: bytes) -> str:
    """The text of `raw`."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str) -> bytes:
    """What `text` stands for. Raises ValueError."""
    return b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
