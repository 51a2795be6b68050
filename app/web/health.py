"""`/health/live` and `/health/ready`, for orchestrators and load balancers."""

import logging
from asyncio import timeout
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Literal

from litestar import Response, Router, get, route
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from msgspec import Struct, to_builtins

from ..models.errors import Refusal
from .litestar_handlers import OwnRouter
from .middleware.request_log import ServerError
from .openapi.operations import Sample, describe_operation, describe_refusals

_log = logging.getLogger("better_auth.health")
_TIMEOUT: Final = 5  # seconds
_HEADERS: Final = {"cache-control": "no-store"}

Checks = Callable[[], Awaitable[Mapping[str, bool]]]


class Alive(Struct, frozen=True):
    status: Literal["ok"]


class Readiness(Struct, frozen=True):
    """The readiness. `checks`: what the service needs, and whether it is available."""

    status: Literal["ok", "unavailable"]
    checks: Mapping[str, bool]


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
        operation_class=describe_operation(examples={"It does": Alive("ok")}),
        summary="Does the process answer?",
        tags=["Status"],
        responses=describe_refusals(ServerError, ()),
    )
    async def report_liveness() -> Response[Alive]:
        """Touches nothing else, so that a database that is down restarts no service."""
        return Response(Alive("ok"), headers=_HEADERS)

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
        checks = await _look(ready)
        good = bool(checks) and all(checks.values())
        readiness = Readiness("ok" if good else "unavailable", checks)
        return Response(readiness, status_code=200 if good else 503, headers=_HEADERS)

    gets = (report_liveness, is_ready)
    return OwnRouter("/health", route_handlers=[*gets, *map(_make_head_handler, gets)])


def _make_head_handler(handler: HTTPRouteHandler) -> HTTPRouteHandler:
    """The server sends no body for HEAD; the document does not list it."""
    like = route([*handler.paths], http_method="HEAD", status_code=200, include_in_schema=False)
    return like(handler.fn)


async def _look(ready: Checks) -> Mapping[str, bool]:
    try:
        async with timeout(_TIMEOUT):
            return await ready()
    except Exception as fault:  # noqa: BLE001  # whatever it is, requests had better go elsewhere
        _log.warning("not ready: %s", _describe_reason(fault))
        return {}


def _describe_reason(fault: Exception) -> str:
    """Returns the reason in one line."""
    if isinstance(fault, TimeoutError):
        return "the database takes too long"
    first = str(fault).partition("\n")[0]
    return first if isinstance(fault, Refusal) else f"{type(fault).__name__}: {first}"
