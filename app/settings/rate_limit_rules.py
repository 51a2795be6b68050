"""`rateLimit.customRules` of Better Auth 1.7.25, as JSON."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

_Count = Annotated[int, Meta(ge=1, le=3_153_600_000)]


class _Limit(Struct, frozen=True, forbid_unknown_fields=True):
    window: _Count
    max: _Count


class CustomRule(Struct, frozen=True):
    """A rule for a path, or for all paths that a wildcard matches. Without a window: no limit."""

    path: str
    window: int | None
    max: int = 0


def read_custom_rules(text: str) -> tuple[CustomRule, ...]:
    """Reads the rules of a JSON object, in its order. Raises ValueError with the reason."""
    try:
        found = msgspec.json.decode(text, type=dict[str, _Limit | Literal[False]])
    except msgspec.DecodeError as error:
        example = '{"/sign-in/*": {"window": 10, "max": 3}, "/get-session": false}'
        raise ValueError(f"must be JSON such as {example} ({error})") from None
    if path := next((path for path in found if not path.startswith(("/", "*"))), None):
        raise ValueError(f"has a path {path!r} that does not begin with /")
    return tuple(
        CustomRule(path, limit.window, limit.max) if limit else CustomRule(path, None)
        for path, limit in found.items()
    )
