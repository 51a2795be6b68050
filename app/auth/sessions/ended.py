"""Sessions that ended, and the lines of the log that say so."""

import logging
from typing import Final, Literal

from msgspec import Struct

from ...models.log_events import log_event

One = Literal["expired", "revoked", "sign-out"]
Several = Literal["password changed", "password reset", "revoked", "user deleted"]

_log: Final = logging.getLogger("app.sessions")


class Ended(Struct, frozen=True):
    """The ids of a session that was there until now, and of its user."""

    session_id: str
    user_id: str


def tell_end(ended: Ended | None, why: One) -> None:
    """Of one; None is none, because there was no such session."""
    if ended is not None:
        log_event(_log, "session ended", user=ended.user_id, session=ended.session_id, why=why)


def tell_ends(user_id: str, count: int, why: Several) -> None:
    """Of all of a user's, or all others; call it once that can't be undone any more."""
    if count:
        log_event(_log, "sessions ended", user=user_id, count=count, why=why)
