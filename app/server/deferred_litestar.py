"""Litestar, which is loaded and built at the first request that needs it.

With the libraries that verify tokens that takes a fifth of a second and 21 MiB. A service that only
signs people in never needs it.
"""

import asyncio
import gc
from collections.abc import Callable

from msgspec import Struct

from ..web.http.asgi import App, Receive, Scope, Send


class LitestarApp(Struct, frozen=True):
    """What Litestar serves. `make_document` returns the OpenAPI document of the whole service."""

    app: App
    make_document: Callable[[], dict[str, object]]


class DeferredLitestar:
    """An ASGI application. A thread builds it, so that other requests need not wait."""

    def __init__(self, create: Callable[[], LitestarApp]) -> None:
        self._create = create
        self._built: LitestarApp | None = None
        self._building: asyncio.Task[LitestarApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        built = self._built or await self._build()
        await built.app(scope, receive, send)

    async def make_document(self) -> dict[str, object]:
        """Returns the OpenAPI document of the whole service."""
        built = self._built or await self._build()
        return built.make_document()

    async def _build(self) -> LitestarApp:
        """Builds once, also for requests that come meanwhile, or leave."""
        building = self._building or asyncio.create_task(asyncio.to_thread(self._load))
        self._building = building
        try:
            self._built = await asyncio.shield(building)
        except Exception:
            if self._building is building:  # not yet the next try of another who waited
                self._building = None
            raise
        return self._built

    def _load(self) -> LitestarApp:
        """Collects no garbage meanwhile, as at the start: what is made stays."""
        gc.disable()
        try:
            return self._create()
        finally:
            if gc.get_freeze_count():
                gc.freeze()
            gc.enable()
