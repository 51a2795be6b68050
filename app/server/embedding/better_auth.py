"""`BetterAuth`: the server inside of another application, in the same process."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from msgspec.structs import replace

from ...auth.sessions.guard import CacheUse
from ...auth.sessions.store import ActiveSession
from ...models.clock import now as clock
from ...models.errors import StoreUnavailable
from ...schema.migrate import MigrationReport, migrate
from ...settings.settings import Settings
from ...web.http.asgi import App, Receive, Scope, Send
from ...web.http.refusals import render_refusal
from ..container import Container
from ..hooks.loading import make_registry
from ..opening import OPENING_FAULTS
from ..plugins import derive_requirements, read_settings
from .any_headers import AnyHeaders, read_headers
from .api.api import Api
from .authenticator import StoreAuthenticator
from .lifespan_events import run_lifespan
from .python_settings import check_settings
from .scope import complete_scope
from .shared_opening import SharedOpening
from .wrapping import Documented, WrappedApp

_log = logging.getLogger("better_auth.server")


class BetterAuth:
    """Better Auth's server as an ASGI application that others mount.

    `lifespan` opens and closes it. Where no lifespan runs, the first request opens it. It is open
    in one event loop at a time. `hooks` registers functions that run with what happens to users,
    sessions and tokens.
    """

    def __init__(self, settings: Settings, *, migrates: bool = True) -> None:
        """With `migrates` it brings the schema up to date when it opens, as `serve` does.

        Raises `SettingsError` with a line for each fault, also if the module of
        `BETTER_AUTH_HOOKS` cannot be used.
        """
        # A hook that sends mails may be registered until it opens, which checks again. The sample
        # API is not in a mount, and `tasks` may be a table of the application.
        self.settings = check_settings(replace(settings, mails_by_hook=True, task_api=False))
        self.hooks = make_registry(self.settings)
        self._opening = SharedOpening(self.settings, self.hooks, migrates=migrates)
        self.api = Api(self._open_container)

    @classmethod
    def from_env(cls, *, migrates: bool = True) -> Self:
        """Reads `.env` and the environment, as the service does. Raises `SettingsError`."""
        notices: list[str] = []
        settings = read_settings(notices=notices, mails_later=True)
        for line in notices:
            _log.warning(line)
        return cls(settings, migrates=migrates)

    @property
    def container(self) -> Container:
        """The objects of the server. Raises `NotOpen` before it is open."""
        return self._opening.get_opened().container

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or follows the lifespan of a server. Refuses WebSockets."""
        if scope["type"] == "lifespan":
            await run_lifespan(self.lifespan, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            await self._respond(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _app: object = None) -> AsyncIterator[None]:
        """Opens the stores for the block, as the `lifespan` of the application that mounts it.

        At the end it finishes background work and sends mail. Raises `OPENING_FAULTS`, one line
        each, and `NotOpen` while it is open in another event loop.
        """
        async with self._opening.hold():
            yield

    def wrap(self, app: App) -> App:
        """Returns an application that gives requests below the base path to this one.

        All other requests are for `app`. The lifespan of the server starts and ends both.
        """
        return WrappedApp(self, app)

    def add_operations(self, app: Documented) -> None:
        """Adds the operations of this server to `/docs` of a FastAPI application.

        They are there while it is open.
        """
        from .documentation import add_operations  # noqa: PLC0415 - Litestar, only if asked

        add_operations(app, self._opening.find_container)

    async def close(self) -> None:
        """Closes what a first request opened. A lifespan closes by itself."""
        await self._opening.close()

    async def migrate(self) -> MigrationReport:
        """Brings the schema up to date, like `migrate` at the command line, under its lock.

        Raises `DatabaseUrlError`, `SchemaError`.
        """
        settings = self.settings
        requirements = derive_requirements(settings)
        return await migrate(
            settings.database_url, requirements, prepared=settings.database_prepared
        )

    async def get_session(
        self, headers: AnyHeaders, *, disable_cookie_cache: bool = False
    ) -> ActiveSession | None:
        """Returns the session and the user of a request, as `GET /get-session` finds them.

        None if nobody is signed in. It renews nothing, because it cannot set the cookie.
        `headers`: those of any framework, or pairs. With `disable_cookie_cache` the store is always
        asked. Raises `StoreUnavailable`, and what `lifespan` raises if it is not open yet.
        """
        cache = CacheUse.IGNORED if disable_cookie_cache else CacheUse.TRUSTED
        guard = (await self._open_container()).guard
        return await guard.read_session(read_headers(headers), clock(), cache=cache)

    def bridge(self) -> StoreAuthenticator:
        """Returns an `Authenticator` for the bridge, which reads the sessions of this process.

        After `configure(auth.bridge())` the bridge's `CurrentUser`, `OptionalUser`, `PathUser` and
        `LiveUser` use it.
        """
        return StoreAuthenticator(self.settings, self._open_container)

    async def _open_container(self) -> Container:
        return (await self._opening.open()).container

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            opened = await self._opening.open()
        except OPENING_FAULTS as fault:
            _log.error("%s", fault)
            await render_refusal(StoreUnavailable()).send(send)
            return
        await opened.app(complete_scope(scope, self.settings.auth_path), receive, send)
