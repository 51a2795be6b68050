"""How Litestar answers the endpoints, and what it answers itself where there is none."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Self, cast

from litestar import HttpMethod, Request, Response, Router, asgi
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp
from msgspec import Struct

from ..models.log_context import note_refusal
from .endpoint import Route
from .http.asgi import Receive, Scope, Send

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


def list_handlers(routes: Iterable[Route], base: str) -> list[BaseRouteHandler]:
    """The handlers by which Litestar answers the routes, one for each path below `base`."""
    by_path: defaultdict[str, dict[str, Route]] = defaultdict(dict)
    for route in routes:
        by_path[route.endpoint.path][route.endpoint.method] = route
    return [_make_handler(f"{base}{path}", found) for path, found in by_path.items()]


def _make_handler(path: str, routes: Mapping[str, Route]) -> BaseRouteHandler:
    """An ASGI route is the fastest, but Litestar finds none whose path has a parameter."""

    async def call_route(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the body is read
        response = await routes[scope["method"]].respond(scope)
        await response.send(send)

    async def handle() -> ASGIApp:
        return cast("ASGIApp", call_route)

    if "{" not in path:
        return asgi(path, copy_scope=False)(call_route)
    declare = HTTPRouteHandler(
        path.replace("}", ":str}"), http_method=[*map(HttpMethod, routes)], include_in_schema=False
    )
    return declare(handle)


def render_fault(_request: AnyRequest, error: HTTPException) -> Response[HttpFault]:
    """Litestar's exception handler for its own errors: unknown paths, wrong methods, bad hosts."""
    code = HTTPStatus(error.status_code).name
    note_refusal(code)
    fault = HttpFault(code, error.detail, error.detail)
    return Response(fault, status_code=error.status_code, headers=error.headers)


def pass_on(_request: AnyRequest, error: Exception) -> Response[None]:
    """Leaves what nobody foresaw to the request log, which answers 500 and keeps the traceback."""
    raise error
