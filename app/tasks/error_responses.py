"""The error responses of the task API, which also go to the log."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from litestar import Response
from litestar.exceptions import HTTPException, ValidationException

from ..bridge import BridgeError, User
from ..bridge.litestar import answer
from ..models.errors import BodyTooLarge, Refusal
from ..models.telemetry.log_context import note_refusal, note_user
from ..web.litestar_handlers import AnyRequest
from .refusals import (
    InvalidRequest,
    TaskError,
    describe_invalid_request,
    describe_refusal,
    read_body_fault,
    read_parameter_faults,
)


def _respond_to_bridge_refusal(
    request: AnyRequest, refusal: BridgeError
) -> Response[dict[str, str]]:
    _note(request, refusal.code)
    return answer(request, refusal)


def _respond_to_refusal(request: AnyRequest, refusal: Refusal) -> Response[TaskError]:
    _note(request, refusal.code)
    return Response(
        describe_refusal(refusal), status_code=refusal.status, headers=dict(refusal.headers)
    )


def _respond_to_invalid_request(
    request: AnyRequest, fault: ValidationException
) -> Response[TaskError]:
    _note(request, InvalidRequest.code)
    reported = fault.extra if isinstance(fault.extra, list) else []
    faults = read_parameter_faults(reported) or [read_body_fault(fault.detail)]
    return Response(describe_invalid_request(faults), status_code=InvalidRequest.status)


def _respond_to_http_error(request: AnyRequest, fault: HTTPException) -> Response[TaskError]:
    """Answers what Litestar itself refuses, for example a body that is too large."""
    if fault.status_code == BodyTooLarge.status:
        return _respond_to_refusal(request, BodyTooLarge())
    phrase = HTTPStatus(fault.status_code).phrase
    error = TaskError(phrase.upper().replace(" ", "_"), phrase, fault.detail)
    _note(request, error.code)
    return Response(error, status_code=fault.status_code, headers=fault.headers)


def _note(request: AnyRequest, code: str | None) -> None:
    user: object = request.scope.get("user")  # that of the token, once the guard has found it good
    if isinstance(user, User):
        note_user(user.id)
    note_refusal(code)


EXCEPTION_HANDLERS: Final[
    dict[int | type[Exception], Callable[[AnyRequest, Any], Response[Any]]]
] = {
    BridgeError: _respond_to_bridge_refusal,
    Refusal: _respond_to_refusal,
    ValidationException: _respond_to_invalid_request,
    HTTPException: _respond_to_http_error,
}
