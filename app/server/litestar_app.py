"""What Litestar serves: the sample API, health, the docs, and the responses to unknown paths."""

from collections.abc import Sequence
from functools import partial

from litestar import Litestar, Router
from litestar.exceptions import HTTPException

from ..bridge.litestar import requires_user
from ..settings.settings import Settings
from ..tasks.routes import make_task_router
from ..tasks.tasks import Tasks
from ..web.endpoint import Route
from ..web.health_routes import make_health_router
from ..web.http.litestar_caches import clear_caches
from ..web.litestar_handlers import pass_on, render_fault
from ..web.openapi.docs import list_viewer_handlers, make_openapi_config
from ..web.openapi.document import complete_document
from ..web.openapi.operations import StructSchemas
from .container import Container
from .deferred_litestar import LitestarApp
from .readiness import read_readiness


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


def wrap_litestar(litestar: Litestar, settings: Settings, routes: Sequence[Route]) -> LitestarApp:
    """Returns the application, and what makes the whole document."""
    return LitestarApp(clear_caches(litestar), partial(_make_document, litestar, settings, routes))


def _make_document(
    litestar: Litestar, settings: Settings, routes: Sequence[Route]
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
