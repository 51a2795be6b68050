"""`/health/live` and `/health/ready`, for orchestrators and load balancers."""

import logging
from asyncio import timeout
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Literal

from msgspec import Struct, json

from ..models.errors import Refusal
from .http.asgi import App, Receive, Scope, Send, encode_headers, respond

_log = logging.getLogger("better_auth.health")
_TIMEOUT: Final = 5  # seconds
LIVENESS: Final = "/health/live"
READINESS: Final = "/health/ready"
HEADERS: Final = {"cache-control": "no-store"}

Checks = Callable[[], Awaitable[Mapping[str, bool]]]


class Alive(Struct, frozen=True):
    status: Literal["ok"]


class Readiness(Struct, frozen=True):
    """The readiness. `checks`: what the service needs, and whether it is available."""

    status: Literal["ok", "unavailable"]
    checks: Mapping[str, bool]


ALIVE: Final = Alive("ok")


class HealthChecks:
    """Answers GET and HEAD, so that probes do not load Litestar. The rest is for `others`.

    `ready` checks each requirement by name, or raises.
    """

    def __init__(self, others: App, ready: Checks) -> None:
        self._others = others
        self._ready = ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        path = scope.get("path")
        if path not in {LIVENESS, READINESS} or scope.get("method") not in {"GET", "HEAD"}:
            await self._others(scope, receive, send)
            return
        scope["path_template"] = path
        status, report = (200, ALIVE) if path == LIVENESS else await read_readiness(self._ready)
        headers = encode_headers([*HEADERS.items(), ("content-type", "application/json")])
        await respond(send, status, headers, json.encode(report))


async def read_readiness(ready: Checks) -> tuple[int, Readiness]:
    """Returns the status of the response, and the readiness."""
    checks = await _look(ready)
    good = bool(checks) and all(checks.values())
    return (200, Readiness("ok", checks)) if good else (503, Readiness("unavailable", checks))


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
