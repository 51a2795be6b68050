"""The bridge for Litestar: a guard, a dependency, and the answer to what they refuse.

`Router("/api", guards=[requires_user()], exception_handlers=EXCEPTION_HANDLERS, ...)`, then
`request.user`; or `dependencies={"user": provide_user()}`, then a parameter `user: CurrentUser`.

Both read the settings of the environment when they are called, unless `configure` was, or unless
they are handed an Authenticator. A bad setting raises SettingsError there, at start-up.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import MediaType, Request, Response
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi.spec import Components, SecurityScheme

from .configuration import authenticator as configured
from .errors import BridgeError
from .presented import Authenticator, Presented
from .user import User, require_path_user

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]

CurrentUser = NamedDependency[User]
"""The type of the parameter that `provide_user` fills."""


def requires_user(authenticator: Authenticator | None = None) -> Guard:
    """A guard that puts the verified `User` at `request.user`.

    Where the route has a `user_id` path parameter, it must be exactly the user's. Litestar runs
    guards before it reads the body, so 401 and 403 come before any complaint about a body.
    The guard raises a BridgeError, such as MissingToken, InvalidToken or ForbiddenUser.
    """
    chosen = authenticator or configured()

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        connection.scope["user"] = await _user(connection, chosen)

    return guard


def provide_user(authenticator: Authenticator | None = None) -> Provide:
    """A dependency that is the verified `User`, and refuses what `requires_user` refuses.

    On a route that such a guard is on, it is the user whom the guard found.
    """
    chosen = authenticator or configured()

    async def user(request: Request[Any, Any, Any]) -> User:
        found = request.scope.get("user")
        return found if isinstance(found, User) else await _user(request, chosen)

    return Provide(user)


def answer(_: Request[Any, Any, Any], error: BridgeError) -> Response[dict[str, str]]:
    """The refusal as JSON: `code`, `message`, and `detail` where FastAPI clients look."""
    return Response(
        {"code": error.code, "message": error.message, "detail": error.detail},
        status_code=error.status,
        headers=error.headers,
        media_type=MediaType.JSON,
    )


EXCEPTION_HANDLERS: dict[int | type[Exception], Handler] = {BridgeError: answer}

COMPONENTS = Components(
    security_schemes={
        "bearerAuth": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
    }
)
"""The padlock: `OpenAPIConfig(components=COMPONENTS, security=[{"bearerAuth": []}], ...)`."""


async def _user(connection: ASGIConnection[Any, Any, Any, Any], chosen: Authenticator) -> User:
    # Not `connection.headers`: it would hide a second Authorization header.
    user = await chosen.authenticate(Presented.by(connection.scope["headers"]))
    if (user_id := connection.path_params.get("user_id")) is not None:
        require_path_user(user, str(user_id))
    return user
