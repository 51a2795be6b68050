"""Bodies with nested values."""

from typing import TypeVar

from ...auth.sessions.guard import SignedInRequest
from ...web.input.validation import WireBody

W = TypeVar("W", bound=WireBody)


def read_whole(request: SignedInRequest[W], kind: type[W]) -> W:
    """Returns the body with all that is nested in it, which a large one is read without.

    Raises InvalidBody.
    """
    body = request.context.body
    if not body.nested or not isinstance(body.value, dict):
        return request.body
    return kind.read(dict(request.read_fields(body.value)))
