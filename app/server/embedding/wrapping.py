"""An application with a `BetterAuth` in front of it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, Protocol

from ...settings.settings import Settings
from ...web.http.asgi import App, Receive, Scope, Send
from .lifespan_events import run_lifespan, run_wrapped
from .scope import has_own_path

Json = dict[str, Any]  # a part of an OpenAPI document


class Mountable(Protocol):
    """A `BetterAuth`."""

    @property
    def settings(self) -> Settings: ...

    def lifespan(self, _app: object = None) -> AbstractAsyncContextManager[None]: ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class Documented(Protocol):
    """An application of FastAPI."""

    def openapi(self) -> Json: ...


class WrappedApp:
    """Gives requests below the base path to `auth`, and all others to `app`.

    Both start with the lifespan of the server, `app` only if it has one.
    """

    def __init__(self, auth: Mountable, app: App) -> None:
        self._auth = auth
        self._app = app
        self._base = auth.settings.auth_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request, one WebSocket, or the lifespan."""
        if scope["type"] == "lifespan":
            await run_lifespan(partial(self._hold, scope), receive, send)
        elif has_own_path(scope, self._base):
            await self._auth(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    @asynccontextmanager
    async def _hold(self, scope: Scope) -> AsyncIterator[None]:
        async with self._auth.lifespan(), run_wrapped(self._app, scope):
            yield
