"""The bridge for Litestar: a guard, a dependency, and the answer to what they refuse.

`Router("/api", guards=[requires_user()], ...)`, then `request.user`; or
`dependencies={"user": provide_user()}`, then a parameter `user: CurrentUser`. With
`Litestar(plugins=[BridgePlugin()], ...)` refusals are answered, and stand in the docs.

Both read the settings of the environment when they are called, unless `configure` was, or unless
they are handed an Authenticator. A bad setting raises SettingsError there, at start-up.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from .errors import BridgeError, describe_missing_extra

try:
    from litestar import MediaType, Request, Response
    from litestar.config.app import AppConfig
    from litestar.connection import ASGIConnection
    from litestar.di import NamedDependency, Provide
    from litestar.enums import ScopeType
    from litestar.exceptions import WebSocketException
    from litestar.handlers import HTTPRouteHandler
    from litestar.handlers.base import BaseRouteHandler
    from litestar.plugins import InitPlugin, ReceiveRoutePlugin
    from litestar.routes import BaseRoute, HTTPRoute
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        describe_missing_extra(__name__, missing, "litestar"), name=missing.name
    ) from None

from .configuration import authenticator as configured
from .litestar_docs import build_padlock, describe
from .presented import Authenticator, Presented
from .user import User, require_path_user

AnyRequest = Request[Any, Any, Any]
AnyConnection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[AnyConnection, BaseRouteHandler], Awaitable[None]]

Handler = Callable[[AnyRequest, Any], Response[Any]]

CurrentUser = NamedDependency[User]
"""The type of the parameter that `provide_user` fills."""


_CLOSING: Final = 4000  # WebSocket codes from here on are an application's own (RFC 6455, 7.4.2)
_FOUND: Final = "better_auth_bridge"  # in a request's state


class _Found(NamedTuple):
    user: User
    by: Authenticator


class _Guard:
    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    async def __call__(self, connection: AnyConnection, _: BaseRouteHandler) -> None:
        try:
            # Not `connection.headers`: it would hide a second Authorization header.
            presented = Presented.by(connection.scope["headers"])
            user = await self._authenticator.authenticate(presented)
            connection.scope["user"] = user  # also for who answers the next refusal
            _check_path(connection, user)
        except BridgeError as refusal:
            if connection.scope["type"] == ScopeType.WEBSOCKET:
                raise _to_websocket(refusal) from None
            raise
        connection.state[_FOUND] = _Found(user, self._authenticator)

    def __deepcopy__(self, _: dict[int, object]) -> "_Guard":
        # Litestar copies handlers with all that is on them; keys and connections are there once.
        return self


class _Provided(Provide):
    """A dependency that requires credentials."""


def requires_user(authenticator: Authenticator | None = None) -> Guard:
    """Returns a guard that stores the verified `User` in `request.user`.

    If the route has a `user_id` path parameter, it must be the id of the user. Litestar runs guards
    before it reads the body, so 401 and 403 come before errors of a body. The guard raises a
    BridgeError, such as MissingToken, InvalidToken or ForbiddenUser. It closes a WebSocket with
    4000 plus the status, such as 4401.
    """
    return _Guard(authenticator or configured())


def provide_user(authenticator: Authenticator | None = None) -> Provide:
    """Returns a dependency with the verified `User`. It refuses like `requires_user`.

    On a route whose guard used the same authenticator, it is the user of the guard.
    """
    chosen = authenticator or configured()

    async def provide(request: AnyRequest) -> User:
        known: object = request.scope.get("user")
        found: object = request.state.get(_FOUND)
        # Another one may be laxer, such as one that does not ask whether the session is alive.
        if isinstance(found, _Found) and found.by is chosen and found.user is known:
            return found.user
        caller = await chosen.authenticate(Presented.by(request.scope["headers"]))
        _check_path(request, caller)
        return caller

    return _Provided(provide)


def answer(_: AnyRequest, error: BridgeError) -> Response[dict[str, str]]:
    """Returns the refusal as JSON: `code`, `message`, and `detail` for FastAPI clients."""
    return Response(
        {"code": error.code, "message": error.message, "detail": error.detail},
        status_code=error.status,
        headers=error.headers,
        media_type=MediaType.JSON,
    )


EXCEPTION_HANDLERS: dict[int | type[Exception], Handler] = {BridgeError: answer}


class BridgePlugin(InitPlugin, ReceiveRoutePlugin):
    """Answers the refusals of guard and dependency, and documents them."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.exception_handlers = {**EXCEPTION_HANDLERS, **app_config.exception_handlers}
        if (docs := app_config.openapi_config) is not None:
            known = docs.components if isinstance(docs.components, list) else [docs.components]
            docs.components = [*known, build_padlock()]
        return app_config

    def receive_route(self, route: BaseRoute) -> None:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if _needs_user(handler):
                    describe(handler, own_path="user_id" in route.path_parameters)


def _to_websocket(refusal: BridgeError) -> WebSocketException:
    """Closes a WebSocket. Litestar has no exception handler there and would send 4500."""
    return WebSocketException(detail=refusal.detail, code=_CLOSING + refusal.status)


def _needs_user(handler: HTTPRouteHandler) -> bool:
    """Whether the handler has a guard or a dependency of the bridge."""
    return any(
        isinstance(part, _Guard | _Provided)
        for layer in handler.ownership_layers
        for part in (*(layer.guards or ()), *(layer.dependencies or {}).values())
    )


def _check_path(connection: AnyConnection, user: User) -> None:
    if (user_id := connection.path_params.get("user_id")) is not None:
        require_path_user(user, str(user_id))
