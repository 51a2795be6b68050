"""The plugin of `BetterAuth` for Litestar."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.plugins import InitPlugin
from litestar.types import ASGIApp

from ...web.http.asgi import App
from .wrapping import Mountable, WrappedApp


class BetterAuthPlugin(InitPlugin):
    """`Litestar(plugins=[BetterAuthPlugin(auth)])` serves `auth` below its base path.

    It opens and closes with the application.

    A mount of Litestar would also take paths such as `/api/authors` from the application.
    """

    def __init__(self, auth: Mountable) -> None:
        self._auth = auth

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Adds the lifespan."""
        app_config.lifespan = [*app_config.lifespan, self._hold]
        return app_config

    @asynccontextmanager
    async def _hold(self, app: Litestar) -> AsyncIterator[None]:
        own = app.asgi_handler
        async with self._auth.lifespan(app):
            app.asgi_handler = cast("ASGIApp", WrappedApp(self._auth, cast("App", own)))
            try:
                yield
            finally:
                app.asgi_handler = own
