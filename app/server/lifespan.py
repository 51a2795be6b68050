"""The service under an HTTP server: opens its objects, serves, closes them."""

import asyncio
import gc
from contextlib import AsyncExitStack

from ..settings.settings import Settings
from ..web.http.asgi import App, Receive, Scope, Send
from .app import create_service_app
from .hooks.loading import load_hooks
from .opening import OPENING_FAULTS, open_container
from .plugins import read_settings
from .telemetry.tracing import Tracing, start_tracing


class Service:
    """An ASGI application. It answers after its lifespan has started."""

    def __init__(self, settings: Settings, tracing: Tracing | None = None) -> None:
        self._settings = settings
        self._tracing = tracing
        self._app: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request, or the lifespan."""
        if scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)
        else:
            assert self._app is not None
            await self._app(scope, receive, send)

    async def _run_lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with AsyncExitStack() as stack:
            try:
                hooks = load_hooks(self._settings)
                container = await stack.enter_async_context(open_container(self._settings, hooks))
                self._app = create_service_app(container, self._tracing)
            except OPENING_FAULTS as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            # What is here by now stays: to look through all of it for garbage would stop every
            # answer for 60 to 90 ms, each time that as much again has come.
            gc.freeze()
            gc.enable()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            gc.unfreeze()
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.stop)
        await send({"type": "lifespan.shutdown.complete"})


def from_env() -> App:
    """Creates the application of one worker."""
    settings = read_settings()
    if settings.metrics_listen is not None:
        from .telemetry.sharing import record_for_parent  # noqa: PLC0415 - Prometheus, only if asked

        record_for_parent()
    return Service(settings, start_tracing(settings))
