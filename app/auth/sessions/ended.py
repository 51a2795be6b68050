"""Ended sessions, and their log lines."""

import logging
from typing import Final, Literal

from msgspec import Struct

from ...models.log_events import log_event

One = Literal["expired", "revoked", "sign-out"]
Several = Literal["password changed", "password reset", "revoked", "user deleted"]

_log: Final = logging.getLogger("app.sessions")


class EndedSession(Struct, frozen=True):
    """The ids of an ended session and of its user."""

    session_id: str
    user_id: str


def log_session_ended(ended: EndedSession | None, why: One) -> None:
    """Logs the end of a session. None: there was no such session."""
    if ended is not None:
        log_event(_log, "session ended", user=ended.user_id, session=ended.session_id, why=why)


def log_sessions_ended(user_id: str, count: int, why: Several) -> None:
    """Logs the end of all sessions of a user, or all others. Call it after the commit."""
    if count:
        log_event(_log, "sessions ended", user=user_id, count=count, why=why)


def log_sign_out_incomplete(fault: Exception) -> None:
    """Logs that a plugin failed to do its part of a sign-out. The session has ended."""
    log_event(_log, "sign-out incomplete", logging.ERROR, fault=type(fault).__name__)
