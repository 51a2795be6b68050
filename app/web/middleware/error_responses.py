"""Turns refusals and errors into responses."""

from http import HTTPStatus

from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct

from ...models.errors import InvalidBody, MalformedJson, Refusal, SilentRefusal
from ..http.error_body import Error, error_of
from ..http.log_context import note_refusal
from ..http.response import Answer, AnyRequest, Silence
from ..input.strict_dto import body_type
from ..input.validation import WireBody, explain
from .request_context import admitted


def render_refusal(_request: AnyRequest, refusal: Refusal) -> Answer[Error]:
    """Exception handler of Litestar for refusals."""
    note_refusal(refusal.code)
    if isinstance(refusal, SilentRefusal):
        return Silence(refusal.status, refusal.headers)
    return Answer(error_of(refusal), refusal.headers, status_code=refusal.status)


def render_invalid_body(request: AnyRequest, _fault: ValidationException) -> Response[Error]:
    """Exception handler for invalid bodies of auth endpoints, with the original's messages."""
    field = request.route_handler.parsed_data_field
    assert field is not None
    body = body_type(field)
    assert issubclass(body, WireBody)
    text = explain(body, admitted(request.scope).document.value)
    # Nesting that is too deep for msgspec is the one fault that has no place in the Struct.
    return render_refusal(request, InvalidBody(text) if text else MalformedJson())


class Fault(Struct, frozen=True):
    """A refusal outside of the base path, for clients of Better Auth and FastAPI."""

    code: str
    message: str
    detail: str


def render_fault(_request: AnyRequest, error: HTTPException) -> Response[Fault]:
    """Exception handler for Litestar's errors: unknown paths, wrong methods, bad hosts."""
    code = HTTPStatus(error.status_code).name
    note_refusal(code)
    lines = list((error.headers or {}).items())
    fault = Fault(code, error.detail, error.detail)
    return Answer(fault, lines, status_code=error.status_code)


def pass_on(_request: AnyRequest, error: Exception) -> Response[None]:
    """Passes unexpected errors to the request log, which answers 500 with a log line."""
    raise error
