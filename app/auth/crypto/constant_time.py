"""Comparison of secrets in constant time."""

import hmac


def is_equal(one: bytes, other: bytes) -> bool:
    """Whether both are equal. The time does not reveal where they differ."""
    return hmac.compare_digest(one, other)
