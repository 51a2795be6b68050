"""The endpoints below the base path as an ASGI application, in the service and in a mount."""

import logging
from collections.abc import Sequence

from ..plugins.plugin import BuiltPlugin
from ..settings.environment import SettingsError
from ..settings.origin_validation import find_shared_patterns
from ..web.endpoint import Route
from ..web.http.asgi import App
from ..web.http.client import ForwardingNotice
from ..web.middleware.front_controller import FrontController, FrontDependencies
from ..web.middleware.outer_layer import OuterLayer
from ..web.middleware.request_log import CountRequest, RequestLog
from ..web.middleware.route_table import RouteTable
from ..web.origins.cors import Preflights, SharedHeaders
from ..web.origins.notice import OriginNotice
from .container import Container
from .telemetry.tracing import Tracing

_log = logging.getLogger("better_auth.server")


def create_auth_app(
    container: Container,
    routes: Sequence[Route],
    others: App,
    *,
    tracing: Tracing | None = None,
    count: CountRequest | None = None,
) -> App:
    """Returns the application that answers the routes. Paths of nobody here are for `others`.

    Raises `SettingsError` if a path that an option chooses is the path of another endpoint.
    """
    settings, trusted = container.settings, container.trusted
    _refuse_taken(routes, container.built_plugins)
    dependencies = FrontDependencies(trusted, ForwardingNotice(_log.warning), container.rate_limits)
    front = FrontController(others, RouteTable(routes), settings, dependencies)
    for line in find_shared_patterns(settings.trusted_origins):
        _log.warning(line)
    inner: App = Preflights(front, trusted)
    traced = inner if tracing is None else tracing.wrap(inner)
    return OuterLayer(
        traced,
        RequestLog(settings.advanced.ip_address, count),
        SharedHeaders(settings, trusted, OriginNotice(_log.warning)),
        reads_expo_origin=not settings.expo.disable_origin_override,
    )


def _refuse_taken(routes: Sequence[Route], built_plugins: Sequence[BuiltPlugin]) -> None:
    taken = [route.endpoint.method_and_path for route in routes]
    for plugin in built_plugins:
        for variable, method_and_path in plugin.chosen_paths.items():
            if taken.count(method_and_path) > 1:
                path = method_and_path.partition(" ")[2]
                line = f"{variable}: {path} is the path of another endpoint"
                raise SettingsError((f"{line}, choose one such as /.well-known/jwks.json",))
