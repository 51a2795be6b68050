"""Ended sessions, and their log lines."""

import logging
from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from ...models.records import Session
from ...models.telemetry.log_events import log_event
from ...models.telemetry.metrics import SESSIONS_ENDED

One = Literal["expired", "impersonation ended", "replaced", "revoked", "sign-out"]
Several = Literal[
    "address verified",
    "banned",
    "password changed",
    "password reset",
    "revoked",
    "user deleted",
]

_log: Final = logging.getLogger("better_auth.sessions")


class EndedSession(Struct, frozen=True):
    """The ids of an ended session and of its user. `session` is None if it cannot be read."""

    session_id: str
    user_id: str
    session: Session | None


class EndedSessions(Struct, frozen=True):
    """How many sessions ended, and those of them that were in the database."""

    count: int
    sessions: Sequence[Session] = ()


def log_session_ended(ended: EndedSession, why: One) -> None:
    """Logs the end of a session."""
    SESSIONS_ENDED.count(why)
    log_event(_log, "session ended", user=ended.user_id, session=ended.session_id, why=why)


def log_sessions_ended(user_id: str, count: int, why: Several) -> None:
    """Logs the end of all sessions of a user, or all others. Call it after the commit."""
    if count:
        SESSIONS_ENDED.count(why, by=count)
        log_event(_log, "sessions ended", user=user_id, count=count, why=why)


def log_sign_out_incomplete(fault: Exception) -> None:
    """Logs that a plugin failed to do its part of a sign-out. The session has ended."""
    log_event(_log, "sign-out incomplete", logging.ERROR, fault=type(fault).__name__)
