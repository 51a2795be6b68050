"""Events of sign-ins, for every way of signing in."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Literal

from ...models.errors import Refusal
from ...models.records import Session
from ...models.telemetry.log_context import find_log_context
from .audit import Audit
from .events import Event

# What the audit calls a way of signing in; `two-factor` is the step after a password.
SignInMethod = Literal[
    "password",
    "username",
    "two-factor",
    "magic-link",
    "email-otp",
    "verification-link",
    "anonymous",
    "one-time-token",
    "application",
]


def make_sign_in(session: Session, method: SignInMethod) -> Event:
    """Returns the event of a sign-in that began this session."""
    return Event("signed_in", session.user_id, session_id=session.id, details={"method": method})


def make_sign_up(session: Session, method: SignInMethod) -> Event:
    """Returns the event of a sign-up that began this session."""
    return Event("signed_up", session.user_id, session_id=session.id, details={"method": method})


@contextmanager
def report_refusal(audit: Audit, method: SignInMethod) -> Iterator[None]:
    """Reports a refusal of the block as a failed sign-in of the user of the request, and raises it.

    What the server cannot do, such as 503, is not reported.
    """
    try:
        yield
    except Refusal as refusal:
        if refusal.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            context = find_log_context()
            user_id = None if context is None else context.user_id
            reason = refusal.code or HTTPStatus(refusal.status).name
            details = {"method": method}
            audit.report(Event("sign_in_failed", user_id, reason=reason, details=details))
        raise
