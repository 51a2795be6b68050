"""Renders refusals as responses."""

from msgspec import UNSET, Struct, UnsetType, to_builtins

from ...models.errors import Refusal, SilentRefusal
from ...models.telemetry.log_context import note_refusal
from .response import EmptyResponse, JsonResponse, Response


class Error(Struct, frozen=True):
    """The body of a refusal. `code` is an error code of Better Auth."""

    message: str
    code: str | UnsetType = UNSET


def render_refusal(refusal: Refusal) -> Response[object]:
    """Returns the response of a refusal, and puts its code in the request's log line."""
    note_refusal(refusal.code)
    if isinstance(refusal, SilentRefusal):
        return EmptyResponse(refusal.status, refusal.headers)
    code = UNSET if refusal.code is None else refusal.code
    error = Error(refusal.message, code)
    content = {**to_builtins(error), **refusal.details} if refusal.details else error
    return JsonResponse(content, refusal.headers, status=refusal.status)
