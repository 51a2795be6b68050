"""Opens the objects of one `BetterAuth` once, for all who need them."""

import asyncio
import logging
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import Context
from typing import Final

from msgspec import Struct

from ...settings.settings import Settings
from ...web.http.asgi import App
from ..auth_app import create_auth_app
from ..container import Container
from ..features import list_routes
from ..hooks.registry import HookRegistry
from ..migration import migrate_at_start
from ..opening import OPENING_FAULTS, open_container
from .python_settings import decide_mail
from .scope import OtherPaths

_ELSEWHERE: Final = "BetterAuth is open in another event loop: make one for each loop"
_log = logging.getLogger("better_auth.server")


class NotOpen(RuntimeError):
    """The stores are not open, or are open in another event loop: one line, with the remedy."""


class Opened(Struct, frozen=True):
    """What is open, in which event loop, and what closes it."""

    container: Container
    app: App
    loop: AbstractEventLoop
    stack: AsyncExitStack


class SharedOpening:
    """Opens once, also where many ask at the same time, and closes with the last holder."""

    def __init__(self, settings: Settings, hooks: HookRegistry, *, migrates: bool) -> None:
        self._settings = settings
        self._hooks = hooks
        self._migrates = migrates
        self._loop: AbstractEventLoop | None = None
        self._opened: Opened | None = None
        self._starting: asyncio.Task[Opened] | None = None
        self._holders = 0

    def find_container(self) -> Container | None:
        """Returns the objects of the server, None before it is open."""
        return None if self._opened is None else self._opened.container

    def get_opened(self) -> Opened:
        """Raises `NotOpen`."""
        opened = self._opened
        if opened is None:
            raise NotOpen(
                "BetterAuth is not open: pass its lifespan to your application, or enter"
                " `async with auth.lifespan():`"
            )
        if opened.loop is not asyncio.get_running_loop():
            raise NotOpen(_ELSEWHERE)
        return opened

    async def open(self) -> Opened:
        """Returns what is open, after opening it where needed. It stays open.

        Raises what `open_container` raises, and `NotOpen` in another event loop.
        """
        loop, opened = asyncio.get_running_loop(), self._opened
        if opened is not None and opened.loop is loop:
            return opened
        if self._loop is not loop:
            if self._loop is not None and not self._loop.is_closed():
                raise NotOpen(_ELSEWHERE)
            # A test client may have one loop for each request. What the last one left is nobody's.
            self._loop, self._opened, self._starting, self._holders = loop, None, None, 0
        if self._starting is None:
            # Without the context of the first request: the tasks of the stores belong to all.
            self._starting = loop.create_task(self._start(), context=Context())
        starting = self._starting
        try:
            return await asyncio.shield(starting)
        except OPENING_FAULTS as fault:
            # Its line says all, and frameworks print the whole traceback.
            raise fault.with_traceback(None) from None
        finally:
            if starting.done() and self._starting is starting:
                self._starting = None
                self._loop = loop if self._opened is not None else None

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[Opened]:
        """Keeps it open for the block, and closes it after the last one. Raises as `open`."""
        opened = await self.open()
        self._holders += 1
        try:
            yield opened
        finally:
            self._holders -= 1
            await self.close()

    async def close(self) -> None:
        """Closes what nobody holds. A holder closes by itself."""
        opened = self._opened
        if opened is not None and self._holders == 0:
            self._opened = self._loop = None
            await opened.stack.aclose()

    async def _start(self) -> Opened:
        settings = decide_mail(self._settings, self._hooks)
        if self._migrates:
            for line in (await migrate_at_start(settings, _log.warning)).lines:
                _log.info(line)
        async with AsyncExitStack() as stack:
            opening = open_container(settings, self._hooks)
            container = await stack.enter_async_context(opening)
            app = create_auth_app(container, list_routes(container), OtherPaths(settings))
            loop = asyncio.get_running_loop()
            self._opened = Opened(container, app, loop, stack.pop_all())
            return self._opened
