"""What Litestar answers where there is no route, and where a handler fails."""

from http import HTTPStatus
from typing import Self

from litestar import Request, Response, Router
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from msgspec import Struct

from ..models.telemetry.log_context import note_refusal

AnyRequest = Request[object, object, State]


class HttpFault(Struct, frozen=True):
    """A refusal outside the base path, in the words of both Better Auth and FastAPI clients."""

    code: str
    message: str
    detail: str


class OwnRouter(Router):
    """A router that is registered once, so Litestar need not copy it with all its handlers."""

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        return self


def render_fault(_request: AnyRequest, error: HTTPException) -> Response[HttpFault]:
    """Litestar's exception handler for its own errors: unknown paths, wrong methods, bad hosts."""
    code = HTTPStatus(error.status_code).name
    note_refusal(code)
    fault = HttpFault(code, error.detail, error.detail)
    return Response(fault, status_code=error.status_code, headers=error.headers)


def pass_on(_request: AnyRequest, error: Exception) -> Response[None]:
    """Leaves what nobody foresaw to the request log, which answers 500 and keeps the traceback."""
    raise error
