"""`/health` in Litestar: the OpenAPI document of it, and the responses to other methods."""

from typing import Final

from litestar import Response, Router, get, route
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from msgspec import to_builtins

from .health import ALIVE, HEADERS, Alive, Checks, Readiness, read_readiness
from .litestar_handlers import OwnRouter
from .middleware.outer_layer import ServerError
from .openapi.operations import Sample, describe_operation, describe_refusals

_READY: Final = Readiness("ok", {"database": True, "schema": True})
_UNREADY: Final = Readiness("unavailable", {"database": True, "schema": False})
_NOT_READY: Final = ResponseSpec(
    data_container=Readiness,
    generate_examples=False,
    description="It can't: what is missing is false.",
    examples=[Sample(id="Old schema", summary="Old schema", value=to_builtins(_UNREADY))],
)


def make_health_router(ready: Checks) -> Router:
    """Returns the routes. `ready` checks each requirement by name, or raises.

    HEAD, which load balancers send, is answered like GET, without the body (RFC 9110, 9.3.2).
    """

    @get(
        "/live",
        operation_id="live",
        operation_class=describe_operation(examples={"It does": ALIVE}),
        summary="Does the process answer?",
        tags=["Status"],
        responses=describe_refusals(ServerError, ()),
    )
    async def report_liveness() -> Response[Alive]:
        """Touches nothing else, so that a database that is down restarts no service."""
        return Response(ALIVE, headers=HEADERS)

    @get(
        "/ready",
        operation_id="ready",
        operation_class=describe_operation(examples={"It can": _READY}),
        summary="Can it serve requests?",
        tags=["Status"],
        responses={**describe_refusals(ServerError, ()), 503: _NOT_READY},
    )
    async def is_ready() -> Response[Readiness]:
        """The database is reachable, its schema is current; Redis answers, where it is used."""
        status, readiness = await read_readiness(ready)
        return Response(readiness, status_code=status, headers=HEADERS)

    gets = (report_liveness, is_ready)
    return OwnRouter("/health", route_handlers=[*gets, *map(_make_head_handler, gets)])


def _make_head_handler(handler: HTTPRouteHandler) -> HTTPRouteHandler:
    """The server sends no body for HEAD; the document does not list it."""
    like = route([*handler.paths], http_method="HEAD", status_code=200, include_in_schema=False)
    return like(handler.fn)
