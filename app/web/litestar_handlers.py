"""How Litestar answers the endpoints, and what it answers itself where there is none."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Self

from litestar import Request, Response, Router, asgi
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from ..models.log_context import note_refusal
from .endpoint import Route
from .http.asgi import Receive, Scope, Send
from .route_handover import get_route, make_handler_path

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


def make_endpoint_handler(routes: Iterable[Route], base: str) -> BaseRouteHandler:
    """The handler of all endpoints below `base`. The front controller hands it the route."""

    async def call_route(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the body is read
        route = get_route(scope)
        scope["path_template"] = f"{base}{route.endpoint.path}"  # Litestar's has no braces
        response = await route.respond(scope)
        await response.send(send)

    paths = {make_handler_path(route.endpoint, base) for route in routes}
    return asgi([*paths], copy_scope=False)(call_route)


def render_fault(_request: AnyRequest, error: HTTPException) -> Response[HttpFault]:
    """Litestar's exception handler for its own errors: unknown paths, wrong methods, bad hosts."""
    code = HTTPStatus(error.status_code).name
    note_refusal(code)
    fault = HttpFault(code, error.detail, error.detail)
    return Response(fault, status_code=error.status_code, headers=error.headers)


def pass_on(_request: AnyRequest, error: Exception) -> Response[None]:
    """Leaves what nobody foresaw to the request log, which answers 500 and keeps the traceback."""
    raise error
