"""The whole service: the endpoints, the sample API, health and docs."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from secrets import token_hex

from ..schema.state import SchemaState
from ..settings.plugin_settings import PluginSettings
from ..settings.settings import Settings
from ..storage.sqlite.database import SqliteDatabase
from ..web.endpoint import Route
from ..web.health import HealthChecks
from ..web.http.asgi import App
from ..web.openapi.reference import ReferenceRoutes
from .auth_app import create_auth_app
from .container import Container
from .deferred_litestar import DeferredLitestar, LitestarApp
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
    litestar = DeferredLitestar(partial(create_litestar_app, container, routes))
    if settings.offers_docs:
        routes = [*routes, *ReferenceRoutes(litestar.make_document).list_routes()]
    others = HealthChecks(litestar, partial(read_readiness, container))
    count = RequestCounter(settings.auth_path).count if settings.metrics_listen else None
    return create_auth_app(container, routes, others, tracing=tracing, count=count)


def create_litestar_app(container: Container, routes: Sequence[Route]) -> LitestarApp:
    """Loads Litestar, and returns what it serves."""
    from .litestar_app import create_litestar, wrap_litestar  # noqa: PLC0415 - see DeferredLitestar

    return wrap_litestar(create_litestar(container, routes), container.settings, routes)


async def make_openapi_document(plugins: Sequence[PluginSettings] = ()) -> dict[str, object]:
    """Returns the OpenAPI document with these plugins on. Needs no database.

    All other options have their defaults.
    """
    settings = Settings(secret=token_hex(), plugins=tuple(plugins))
    unopened = SqliteDatabase(Path("never-opened.db"), wal=False)
    schema = SchemaState(adopted=False, tasks=True, tasks_required=True, current=True)
    container = Container(settings, Resources(unopened), schema)
    return create_litestar_app(container, list_routes(container)).make_document()
