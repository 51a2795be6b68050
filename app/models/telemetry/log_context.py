"""What is known of the current request or command: for log lines, audit events and metrics."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from msgspec import Struct

from ..records import Client


class LogContext(Struct):
    """One request, or one command. `refusal` is the code of its refusal, if there is one.

    `user_id` is the user whom the session or the mail address belongs to, `impersonator_id` an
    administrator who has the session as that user. `operator` is the name of the person at the
    command line, for whom there is no request. `is_application`: the application that embeds the
    service does it, for the user `acts_for` or on its own. `trace_id` is the trace that the request
    belongs to (W3C Trace Context), if it belongs to one.
    """

    request_id: str | None
    user_id: str | None = None
    impersonator_id: str | None = None
    refusal: str | None = None
    client: Client | None = None
    operator: str | None = None
    is_application: bool = False
    acts_for: str | None = None
    trace_id: str | None = None
    has_new_session: bool = False
    has_new_user: bool = False


_CURRENT: Final[ContextVar[LogContext | None]] = ContextVar("request", default=None)


def begin_request(request_id: str) -> LogContext:
    """Begins a request. This task, and the tasks that it starts, belong to it."""
    context = LogContext(request_id)
    _CURRENT.set(context)
    return context


def begin_command(operator: str) -> LogContext:
    """Begins a command. What it does is done by `operator`, the name of a user of this system."""
    context = LogContext(None, operator=operator)
    _CURRENT.set(context)
    return context


@contextmanager
def run_as_application(user_id: str | None) -> Iterator[None]:
    """Runs the block as the application: for this user, None for nobody.

    Inside a request it keeps the request's id, client and trace, and not its caller.
    """
    outer = _CURRENT.get() or LogContext(None)
    inner = LogContext(
        outer.request_id,
        client=outer.client,
        is_application=True,
        acts_for=user_id,
        trace_id=outer.trace_id,
    )
    token = _CURRENT.set(inner)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def find_log_context() -> LogContext | None:
    """Returns the current request or command, or None outside of both."""
    return _CURRENT.get()


def note_client(client: Client) -> None:
    """Notes from where the current request comes."""
    context = _CURRENT.get()
    if context is not None:
        context.client = client


def note_user(user_id: str, impersonator_id: str | None = None) -> None:
    """Notes the user of the current request, and the administrator who acts as that user."""
    context = _CURRENT.get()
    if context is not None:
        context.user_id = user_id
        context.impersonator_id = impersonator_id


def note_refusal(code: str | None) -> None:
    """Notes the code of the refusal. Without a code, the name of the status."""
    context = _CURRENT.get()
    if context is not None:
        context.refusal = code


def note_new_session() -> None:
    """Notes that a session was created and stored."""
    context = _CURRENT.get()
    if context is not None:
        context.has_new_session = True


def note_new_user() -> None:
    """Notes that a user was created and stored."""
    context = _CURRENT.get()
    if context is not None:
        context.has_new_user = True
