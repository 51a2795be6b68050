"""What an audit event can be, and the row that it becomes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from ...models.clock import to_iso
from ...models.telemetry.log_context import LogContext, find_log_context

# A name never changes: people search for it. docs/audit.md has a row for each.
EventName = Literal[
    "signed_up",
    "signed_in",
    "sign_in_failed",
    "signed_out",
    "session_revoked",
    "sessions_revoked",
    "impersonation_began",
    "impersonation_ended",
    "password_changed",
    "password_set",
    "reset_requested",
    "reset_done",
    "email_change_requested",
    "email_changed",
    "email_verified",
    "user_created",
    "user_updated",
    "deletion_requested",
    "user_deleted",
    "user_exported",
    "banned",
    "unbanned",
    "disabled",
    "enabled",
    "role_changed",
    "two_factor_enabled",
    "two_factor_disabled",
    "backup_codes_made",
    "account_unlinked",
    "throttle_cleared",
    "key_rotated",
    "keys_pruned",
    "imported",
    "organization_created",
    "organization_deleted",
    "member_added",
    "member_removed",
    "member_role_changed",
]
Detail = str | int | bool | list[str]
Row = dict[str, object]

# What anybody can cause who knows an address.
_UNPROVED: Final = frozenset({"sign_in_failed", "reset_requested"})
_LONGEST: Final = 512  # characters of a user agent that are kept


class Event(Struct, frozen=True):
    """One event. `user_id`: whom it is about, who need not be the one who did it.

    `reason` is the code of a refusal. `details` never have a secret, a mail address or the value of
    a field. `is_automatic`: the service did it on its own, also if a request was the occasion.
    """

    name: EventName
    user_id: str | None = None
    session_id: str | None = None
    reason: str | None = None
    details: Mapping[str, Detail] | None = None
    is_automatic: bool = False


def make_row(event: Event, now: datetime) -> Row:
    """Returns the row of an event, with what is known of the current request or command."""
    context = find_log_context()
    client = None if context is None else context.client
    actor, actor_id = _find_actor(event, context)
    return {
        "created_at": to_iso(now),
        "event": event.name,
        "user_id": event.user_id,
        "actor": actor,
        "actor_id": actor_id,
        "session_id": event.session_id,
        "reason": event.reason,
        "details": None if event.details is None else dict(event.details),
        "ip_address": None if client is None else client.ip or None,
        "user_agent": None if client is None else _shorten(client.user_agent),
        "request_id": None if context is None else context.request_id,
        "count": 1,
    }


def _find_actor(event: Event, context: LogContext | None) -> tuple[str, str | None]:
    """Returns who did it: the caller of the request, or the one whom it is about."""
    if context is None or event.is_automatic:
        return "system", None
    if context.operator is not None:
        return "operator", context.operator
    if context.is_application:
        return ("application" if context.acts_for is None else "user"), context.acts_for
    if event.name in _UNPROVED:
        return "anybody", None
    return "user", context.impersonator_id or context.user_id or event.user_id


def _shorten(user_agent: str) -> str | None:
    # PostgreSQL stores no NUL.
    return user_agent[:_LONGEST].replace("\0", "") or None
