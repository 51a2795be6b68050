"""The options of the `magic-link` plugin, with the names and defaults of Better Auth 1.7.25."""

from typing import Annotated, Literal

from msgspec import Struct, field

from ...settings.option_types import Range


class MagicLinkRateLimitOptions(Struct, frozen=True, kw_only=True):
    """At most `max` requests in `window` seconds, for each endpoint and client IP."""

    window: Annotated[int, Range(1)] = 60
    max: Annotated[int, Range(1)] = 5


class MagicLinkOptions(Struct, frozen=True, kw_only=True):
    """`expires_in` is in seconds. `allowed_attempts` has no effect: a link works once."""

    expires_in: Annotated[int, Range(1)] = 5 * 60
    allowed_attempts: int = 1
    disable_sign_up: bool = False
    store_token: Literal["plain", "hashed"] = "plain"  # noqa: S105 - no token
    rate_limit: MagicLinkRateLimitOptions = field(default_factory=MagicLinkRateLimitOptions)
