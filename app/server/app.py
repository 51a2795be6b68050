"""The composition root: it builds every object once, with what it needs."""

import logging
from collections.abc import Sequence
from functools import partial
from secrets import token_hex

from litestar import Litestar, Router
from litestar.exceptions import HTTPException

from ..bridge.litestar import requires_user
from ..plugins.plugin import AnyPlugin, BuiltPlugin
from ..schema.state import SchemaState
from ..settings.environment import SettingsError
from ..settings.origin_validation import find_shared_patterns
from ..settings.settings import Settings
from ..storage.database import open_database
from ..tasks.routes import make_task_router
from ..tasks.tasks import Tasks
from ..web.endpoint import Route
from ..web.health import make_health_router
from ..web.http.asgi import App
from ..web.http.client import ForwardingNotice
from ..web.http.litestar_caches import clear_caches
from ..web.litestar_handlers import make_endpoint_handler, pass_on, render_fault
from ..web.middleware.front_controller import FrontController, FrontDependencies
from ..web.middleware.request_log import RequestLog
from ..web.middleware.route_table import RouteTable
from ..web.openapi.docs import list_viewer_handlers, make_openapi_config
from ..web.openapi.document import complete_document
from ..web.openapi.operations import StructSchemas
from ..web.origins.cors import Preflights, SharedHeaders
from ..web.origins.expo import ExpoOrigin
from ..web.origins.notice import OriginNotice
from .container import Container
from .features import list_routes
from .plugins import PLUGINS
from .readiness import read_readiness
from .resources import Resources

_log = logging.getLogger("app.server")


def create_app(
    settings: Settings,
    resources: Resources,
    schema: SchemaState,
    plugins: Sequence[AnyPlugin] = PLUGINS,
) -> App:
    """Returns the whole service as an ASGI application, over open resources."""
    container = Container(settings, resources, schema, plugins)
    routes, trusted = list_routes(container), container.trusted
    _refuse_taken(routes, container.built_plugins)
    litestar = create_litestar(container, routes)
    dependencies = FrontDependencies(trusted, ForwardingNotice(_log.warning), container.rate_limits)
    front = FrontController(clear_caches(litestar), RouteTable(routes), settings, dependencies)
    for line in find_shared_patterns(settings.trusted_origins):
        _log.warning(line)
    logged = RequestLog(Preflights(front, trusted), settings.advanced.ip_address)
    shared = SharedHeaders(logged, settings, trusted, OriginNotice(_log.warning))
    return shared if settings.expo.disable_origin_override else ExpoOrigin(shared)


def _refuse_taken(routes: Sequence[Route], built_plugins: Sequence[BuiltPlugin]) -> None:
    """Raises `SettingsError` if a path that an option chooses is the path of another endpoint."""
    taken = [route.endpoint.method_and_path for route in routes]
    for plugin in built_plugins:
        for variable, method_and_path in plugin.chosen_paths.items():
            if taken.count(method_and_path) > 1:
                path = method_and_path.partition(" ")[2]
                line = f"{variable}: {path} is the path of another endpoint"
                raise SettingsError((f"{line}, choose one such as /.well-known/jwks.json",))


def create_litestar(container: Container, routes: Sequence[Route]) -> Litestar:
    """All routes, and the OpenAPI document of them."""
    settings = container.settings
    complete = partial(complete_document, routes, settings.auth_path)
    return Litestar(
        [
            make_endpoint_handler(routes, settings.auth_path),
            *_list_task_routers(container),
            make_health_router(partial(read_readiness, container)),
            *(list_viewer_handlers() if settings.offers_docs else ()),
        ],
        exception_handlers={HTTPException: render_fault, Exception: pass_on},
        openapi_config=make_openapi_config(settings, complete) if settings.offers_docs else None,
        plugins=[StructSchemas()],
        logging_config=None,
    )


async def make_openapi_document() -> dict[str, object]:
    """Returns the OpenAPI document with all options at their defaults. Needs no database."""
    settings = Settings(secret=token_hex())
    unopened = await open_database("postgresql://localhost/never-reached")
    schema = SchemaState(adopted=False, tasks=True, tasks_required=True, current=True)
    container = Container(settings, Resources(unopened), schema)
    routes = list_routes(container)
    document = create_litestar(container, routes).openapi_schema.to_schema()
    return complete_document(routes, settings.auth_path, document)


def _list_task_routers(container: Container) -> list[Router]:
    """Returns none if no plugin issues access tokens."""
    verifiers = [each.authenticator for each in container.built_plugins if each.authenticator]
    is_on = container.schema.tasks and container.settings.offers_tasks is not False
    if not is_on or not verifiers:
        return []
    return [
        make_task_router(Tasks(container.database, container.tables), requires_user(verifiers[0]))
    ]
