"""Secrets of examples, which an attacker tries first. The service refuses them, too."""

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
    """Whether a secret is publicly known, or contains such a one."""
    return any(known in secret.lower() for known in _PLACEHOLDERS)
