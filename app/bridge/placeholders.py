"""Secrets out of examples, which whoever forges a token tries first.

The service refuses them, too.
"""

from typing import Final

_PLACEHOLDERS: Final = (
    "better-auth-secret-1234567890",  # Better Auth's own default begins so
    "your-secret-here",
    "better-auth-secret-that-is-long-enough",
    "your-secret-key",
    "your-super-secret",
    "your_secret",
    "yoursecret",
    "your-better-auth-secret",
    "super-secret-key",
    "supersecretkey",
    "change-me",
    "change_me",
    "changeme",
    "change-in-production",
    "change-this",
    "change_this",
    "replace-with",
    "replace_with",
    "replace-me",
    "replace_me",
    "replaceme",
    "placeholder",
    "at-least-32-characters",
    "minimum-32-characters",
    "generate-a-secret",
    "my-secret-key",
)


def is_placeholder(secret: str) -> bool:
    """Whether a secret is one that everybody knows, or has one in it."""
    return any(known in secret.lower() for known in _PLACEHOLDERS)
