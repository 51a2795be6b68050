"""Hands the route of a request to Litestar's handler, so that only one router decides.

Litestar and the front controller search for routes in different ways: Litestar does not go back to
a parameter after a fixed segment, and not to another path if the method is wrong.
"""

from .endpoint import AnyEndpoint, Route
from .http.asgi import Scope

_KEY = "route"
_PLAIN = str.maketrans("{}", "<>")  # Litestar finds ASGI routes only without parameters


def make_handler_path(endpoint: AnyEndpoint, base: str) -> str:
    """Returns the path of Litestar's handler, such as `/api/auth/reset-password/<token>`."""
    return f"{base}{endpoint.path.translate(_PLAIN)}"


def pass_route(scope: Scope, route: Route, base: str) -> None:
    """Gives the request the path of the route's handler, and the route for `get_route`."""
    path = make_handler_path(route.endpoint, base)
    scope["path"], scope["raw_path"] = path, path.encode()
    scope.setdefault("state", {})[_KEY] = route


def get_route(scope: Scope) -> Route:
    """Returns the route that `pass_route` gave."""
    route = scope["state"][_KEY]
    assert isinstance(route, Route)
    return route
