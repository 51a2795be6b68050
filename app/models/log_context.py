"""What is known of the current request, for its log lines."""

from contextvars import ContextVar
from typing import Final

from msgspec import Struct


class LogContext(Struct):
    """One request. `refusal` is the code of its refusal, if there is one."""

    request_id: str
    user_id: str | None = None
    refusal: str | None = None


_CURRENT: Final[ContextVar[LogContext | None]] = ContextVar("request", default=None)


def begin_request(request_id: str) -> LogContext:
    """Begins a request. This task, and the tasks that it starts, belong to it."""
    context = LogContext(request_id)
    _CURRENT.set(context)
    return context


def find_log_context() -> LogContext | None:
    """Returns the current request, or None outside a request."""
    return _CURRENT.get()


def note_user(user_id: str) -> None:
    """Notes the user of the current request."""
    context = _CURRENT.get()
    if context is not None:
        context.user_id = user_id


def note_refusal(code: str | None) -> None:
    """Notes the code of the refusal. Without a code, the name of the status."""
    context = _CURRENT.get()
    if context is not None:
        context.refusal = code
