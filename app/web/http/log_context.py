"""What is known of the request that is being answered, for the lines that it leaves in the log."""

from contextvars import ContextVar
from typing import Final

from msgspec import Struct


class RequestContext(Struct):
    """One request; `refusal` is the code that it was refused with, if it was."""

    request_id: str
    user_id: str | None = None
    refusal: str | None = None


_CURRENT: Final[ContextVar[RequestContext | None]] = ContextVar("request", default=None)


def begin_request(request_id: str) -> RequestContext:
    """From here on this task, and those that it starts, work for that request."""
    context = RequestContext(request_id)
    _CURRENT.set(context)
    return context


def current_request() -> RequestContext | None:
    """None outside a request."""
    return _CURRENT.get()


def note_user(user_id: str) -> None:
    """It is this user's request, or one about them."""
    context = _CURRENT.get()
    if context is not None:
        context.user_id = user_id


def note_refusal(code: str | None) -> None:
    """The request is refused, for a reason with this code; one without has the status' name."""
    context = _CURRENT.get()
    if context is not None:
        context.refusal = code
