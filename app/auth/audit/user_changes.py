"""The events of a change of a user, by the fields that change."""

from collections.abc import Iterator, Mapping
from typing import Final

from .events import Event, EventName

# What the service writes at a sign-in, which has an event of its own.
_OF_SIGN_IN: Final = frozenset({"lastLoginMethod"})
# By the attribute of a record. A flag that is on, and one that is off.
_FLAGS: Final[Mapping[str, tuple[EventName, EventName]]] = {
    "banned": ("banned", "unbanned"),
    "twoFactorEnabled": ("two_factor_enabled", "two_factor_disabled"),
}
_OF_A_BAN: Final = frozenset({"banReason", "banExpires"})
_EMAIL, _VERIFIED, _ROLE = "email", "email_verified", "role"


def list_changes(user_id: str, changes: Mapping[str, object]) -> Iterator[Event]:
    """Yields the events of a change. It names fields, and no values but those of roles."""
    rest = changes.keys() - _OF_SIGN_IN
    for name in sorted(rest & _FLAGS.keys()):
        on, off = _FLAGS[name]
        yield Event(on if changes[name] else off, user_id)
    if _ROLE in rest:
        yield Event("role_changed", user_id, details={"role": str(changes[_ROLE])})
    if _EMAIL in rest:
        rest -= {_VERIFIED}
        yield Event("email_changed", user_id)
    elif changes.get(_VERIFIED):
        rest -= {_VERIFIED}
        yield Event("email_verified", user_id)
    rest -= {_ROLE, _EMAIL, *_FLAGS}
    if "banned" in changes:
        rest -= _OF_A_BAN
    if rest:
        yield Event("user_updated", user_id, details={"fields": sorted(rest)})
