"""The whole service: the endpoints, the sample API, health and docs."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from secrets import token_hex

from litestar import Litestar, Router
from litestar.exceptions import HTTPException

from ..bridge.litestar import requires_user
from ..schema.state import SchemaState
from ..settings.plugin_settings import PluginSettings
from ..settings.settings import Settings
from ..storage.sqlite.database import SqliteDatabase
from ..tasks.routes import make_task_router
from ..tasks.tasks import Tasks
from ..web.endpoint import Route
from ..web.health import make_health_router
from ..web.http.asgi import App
from ..web.http.litestar_caches import clear_caches
from ..web.litestar_handlers import pass_on, render_fault
from ..web.openapi.docs import ReferenceRoutes, list_viewer_handlers, make_openapi_config
from ..web.openapi.document import complete_document
from ..web.openapi.operations import StructSchemas
from .auth_app import create_auth_app
from .container import Container
from .features import list_routes
from .readiness import read_readiness
from .resources import Resources
from .telemetry.requests import RequestCounter
from .telemetry.tracing import Tracing


def create_service_app(container: Container, tracing: Tracing | None = None) -> App:
    """Returns the whole service as an ASGI application.

    Raises `SettingsError` for two endpoints at one path, and `TemplateError`.
    """
    settings, routes = container.settings, list_routes(container)
    litestar = create_litestar(container, routes)
    if settings.offers_docs:
        make_document = partial(_make_document, settings, routes, litestar)
        routes = [*routes, *ReferenceRoutes(make_document).list_routes()]
    others = clear_caches(litestar)
    count = RequestCounter(settings.auth_path).count if settings.metrics_listen else None
    return create_auth_app(container, routes, others, tracing=tracing, count=count)


def create_litestar(container: Container, routes: Sequence[Route]) -> Litestar:
    """All routes, and the OpenAPI document of them."""
    settings = container.settings
    complete = partial(complete_document, routes, settings.auth_path)
    tags = dict(tag for plugin in container.built_plugins for tag in plugin.tags.items())
    return Litestar(
        [
            *_list_task_routers(container),
            make_health_router(partial(read_readiness, container)),
            *(list_viewer_handlers() if settings.offers_docs else ()),
        ],
        exception_handlers={HTTPException: render_fault, Exception: pass_on},
        openapi_config=(
            make_openapi_config(settings, complete, tags) if settings.offers_docs else None
        ),
        plugins=[StructSchemas()],
        logging_config=None,
    )


async def make_openapi_document(plugins: Sequence[PluginSettings] = ()) -> dict[str, object]:
    """Returns the OpenAPI document with these plugins on. Needs no database.

    All other options have their defaults.
    """
    settings = Settings(secret=token_hex(), plugins=tuple(plugins))
    unopened = SqliteDatabase(Path("never-opened.db"), wal=False)
    schema = SchemaState(adopted=False, tasks=True, tasks_required=True, current=True)
    container = Container(settings, Resources(unopened), schema)
    routes = list_routes(container)
    return _make_document(settings, routes, create_litestar(container, routes))


def _make_document(
    settings: Settings, routes: Sequence[Route], litestar: Litestar
) -> dict[str, object]:
    document = litestar.openapi_schema.to_schema()
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
