"""The bridge for Litestar: a guard, and the answer to what it refuses.

`Router("/api", guards=[requires_user(verifier)], exception_handlers=EXCEPTION_HANDLERS, ...)`
"""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import MediaType, Request, Response
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from .errors import BridgeError
from .presented import Authenticator, Presented
from .user import require_path_user

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]


def requires_user(authenticator: Authenticator) -> Guard:
    """A guard that puts the verified `User` at `request.user`.

    Where the route has a `user_id` path parameter, it must be exactly the token's `sub`. Litestar
    runs guards before it reads the body, so 401 and 403 come before any complaint about a body.
    Raises a BridgeError, such as MissingToken, InvalidToken or ForbiddenUser.
    """

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        # Not `connection.headers`: it would hide a second Authorization header.
        user = await authenticator.authenticate(Presented.by(connection.scope["headers"]))
        if (user_id := connection.path_params.get("user_id")) is not None:
            require_path_user(user, str(user_id))
        connection.scope["user"] = user

    return guard


def answer(_: Request[Any, Any, Any], error: BridgeError) -> Response[dict[str, str]]:
    """The refusal as JSON: `code`, `message`, and `detail` where FastAPI clients look."""
    return Response(
        {"code": error.code, "message": error.message, "detail": error.detail},
        status_code=error.status,
        headers=error.headers,
        media_type=MediaType.JSON,
    )


EXCEPTION_HANDLERS: dict[int | type[Exception], Handler] = {BridgeError: answer}
