"""How long mailed links work, in seconds and in words."""

from collections.abc import Mapping
from typing import Final

from ..settings.settings import Settings
from .templates import Kind

_DAY: Final = 24 * 3600
_UNITS: Final = ((_DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_SECONDS_COUNT: Final = 120


def lifetimes_of(settings: Settings) -> Mapping[Kind, int]:
    """Returns how many seconds the link of each kind of mail works."""
    return {
        "reset-password": settings.email_and_password.reset_password_token_expires_in,
        "verify-email": settings.email_verification.expires_in,
        "change-email": settings.email_verification.expires_in,
        "delete-account": settings.user.delete_user.delete_token_expires_in,
    }


def in_words(seconds: int) -> str:
    """Returns a text such as `1 hour`, `90 minutes` or `7 days`, cut to whole minutes above two."""
    whole = seconds if seconds < _SECONDS_COUNT else seconds - seconds % 60
    size, name = next(unit for unit in _UNITS if whole % unit[0] == 0)
    if whole == _DAY:
        size, name = 3600, "hour"  # 24 hours: "a day" may end at midnight
    number = whole // size
    return f"{number} {name}{'' if number == 1 else 's'}"
