"""Checks redirect targets: `callbackURL` and the three similar keys."""

import re
from collections.abc import Mapping

from ...models.errors import (
    InvalidCallbackUrl,
    InvalidErrorCallbackUrl,
    InvalidNewUserCallbackUrl,
    InvalidRedirectUrl,
    InvalidUrlType,
    Refusal,
)
from .checks import EVERY_CHECK, OriginChecks
from .trusted_origins import TrustedOrigins

# Backslashes and control characters are read as slashes or dropped by browsers.
_UNSAFE_CHARACTER = re.compile("[\\\\\x00-\x1f\x7f-\x9f]")
_ENCODED_SEPARATOR = re.compile("[^?#]*(?:%2f|%5c)", re.IGNORECASE)
# Browsers and proxies drop a longer Location, so nobody could be sent there.
_LONGEST = 8192
_BODY_KEYS: tuple[tuple[str, str, type[Refusal]], ...] = (
    ("redirectTo", "redirectURL", InvalidRedirectUrl),
    ("errorCallbackURL", "errorCallbackURL", InvalidErrorCallbackUrl),
    ("newUserCallbackURL", "newUserCallbackURL", InvalidNewUserCallbackUrl),
)


def check_callback_urls(
    body: Mapping[str, object], query: Mapping[str, object], trusted: TrustedOrigins
) -> None:
    """Refuses URLs outside of the trusted origins (`originCheckMiddleware`, 1.7.25).

    Also refuses URLs over 8,192 characters. It runs for every method except GET, HEAD and OPTIONS,
    before the body is validated, and whether the endpoint uses them or not. `query` has a list for
    a repeated key. Raises `InvalidUrlType` or the refusal of the key.
    """
    callback_url = body.get("callbackURL")
    if not _is_truthy(callback_url):
        callback_url = query.get("callbackURL")
    _check(callback_url, "callbackURL", InvalidCallbackUrl, trusted)
    for key, label, refusal in _BODY_KEYS:
        _check(body.get(key), label, refusal, trusted)


def check_callback_url(
    value: str | None, trusted: TrustedOrigins, checks: OriginChecks = EVERY_CHECK
) -> None:
    """Refuses the `callbackURL` of a mailed link (`originCheck`, 1.7.25). Empty is allowed."""
    if checks.urls:
        _check(value, "callbackURL", InvalidCallbackUrl, trusted)


def check_redirect_url(value: str | None, trusted: TrustedOrigins) -> None:
    """Refuses the `redirectTo` of a reset. Empty is allowed."""
    _check(value, "redirectURL", InvalidRedirectUrl, trusted)


def is_safe_relative_url(value: str) -> bool:
    """Whether `value` is a path on its own site that cannot be read as another site."""
    if not value.startswith("/") or value.startswith("//"):
        return False
    return not _UNSAFE_CHARACTER.search(value) and not _ENCODED_SEPARATOR.match(value)


def _check(value: object, label: str, refusal: type[Refusal], trusted: TrustedOrigins) -> None:
    if not _is_truthy(value):
        return
    if not isinstance(value, str):
        raise InvalidUrlType(f"Invalid {label}: expected a string")
    if len(value) > _LONGEST or not (is_safe_relative_url(value) or trusted.trusts_url(value)):
        raise refusal


def _is_truthy(value: object) -> bool:
    """Whether the value is truthy in JavaScript: `[]` and `{}` are, `0` and `""` are not."""
    return isinstance(value, Mapping | list) or bool(value)
