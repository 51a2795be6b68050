"""The whole application in process, over a real database, for tests that speak HTTP to it."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from msgspec import Struct, field
from sqlalchemy import Table, select, text, update

from app.auth.background_tasks import BackgroundTasks
from app.mail.mailer import Mailer
from app.models.clock import now, to_iso
from app.plugins.plugin import AnyPlugin
from app.schema.requirements import derive_requirements
from app.schema.state import SchemaState
from app.server import app as server
from app.server.container import Container
from app.server.hooks.mail_delivery import find_hook_mailer
from app.server.hooks.registry import HookRegistry
from app.server.plugins import PLUGINS
from app.server.resources import GRACE, Resources
from app.server.telemetry.tracing import Tracing
from app.settings.options import RateLimitOptions
from app.settings.settings import Settings
from app.storage.database import Database, open_database
from app.storage.secondary import SecondaryStorage
from app.web.http.asgi import App
from tests.support import reused_litestar
from tests.support.asgi import Answer, Header, call, json_body
from tests.support.documented import Documented, find_document
from tests.support.prepared_files import inspect

SECRET = "better-auth-secret-123456789012345678901234567890"
ORIGIN = "http://localhost:3000"
EMAIL = "ada@example.com"
PASSWORD = "correct horse"
JSON: Header = ("content-type", "application/json")
FORM: Header = ("content-type", "application/x-www-form-urlencoded")

Rows = list[dict[str, Any]]


class Service(Struct, frozen=True):
    """An application, and the database behind it."""

    app: App
    database: Database
    settings: Settings
    background: BackgroundTasks = field(default_factory=BackgroundTasks)
    mailer: Mailer | None = None

    async def call(self, method: str, path: str, headers: Iterable[Header] = ()) -> Answer:
        """A request without a body; `path` is below the base path."""
        return await call(self.app, method, f"/api/auth{path}", headers)

    async def get(self, path: str, headers: Iterable[Header] = ()) -> Answer:
        return await self.call("GET", path, headers)

    async def post(
        self,
        path: str,
        body: object = b"",
        headers: Iterable[Header] = (),
        *,
        peer: str = "127.0.0.1",
    ) -> Answer:
        """A body that is not bytes is sent as JSON; work that is left for later is done then."""
        raw = isinstance(body, bytes)
        sent = list(headers) if raw else [JSON, *headers]
        content = body if isinstance(body, bytes) else json_body(body)
        answer = await call(self.app, "POST", f"/api/auth{path}", sent, content, peer=peer)
        await self.background.finish()
        return answer

    async def sign_up(self, email: str = EMAIL, **fields: object) -> Answer:
        body = {"name": "Ada", "email": email, "password": PASSWORD, **fields}
        return await self.post("/sign-up/email", body)

    async def sign_in(
        self, email: str = EMAIL, password: str = PASSWORD, **fields: object
    ) -> Answer:
        return await self.post("/sign-in/email", {"email": email, "password": password, **fields})

    async def rows(self, table: Table) -> Rows:
        """All rows, in the form that models give them."""
        return [dict(row._mapping) for row in await self.database.read_all(select(table))]

    async def alter(self, table: Table, **values: object) -> None:
        """Change all rows, as time or an administrator would."""
        async with self.database.begin() as tx:
            await tx.execute(update(table).values(**values))

    async def execute(self, statement: str, **parameters: object) -> None:
        async with self.database.begin() as tx:
            await tx.execute(text(statement), parameters)


async def serve(
    database: Database,
    *,
    mailer: Mailer | None = None,
    storage: SecondaryStorage | None = None,
    installed: Sequence[AnyPlugin] = PLUGINS,
    schema: SchemaState | None = None,
    tracing: Tracing | None = None,
    hooks: HookRegistry | None = None,
    **options: Any,
) -> Service:
    """`options` are those of `Settings`; the rate limit is off unless they say otherwise.

    With a `mailer` mails are sent by it, as if a mail server were configured; with a `storage`
    it is the secondary storage.

    A `schema` stands for what the service finds in the database.

    Every answer that a test gets is held against the OpenAPI document, unless plugins of a test
    are `installed`, or there are `hooks`, which may answer anything.
    """
    chosen: dict[str, Any] = {
        "secret": SECRET,
        "trusted_origins": (ORIGIN,),
        "rate_limit": RateLimitOptions(enabled=False),
        "smtp_url": None if mailer is None else "console:",
        **options,
    }
    settings = Settings(**chosen)
    if hooks is not None:
        settings, mailer = hooks.note_mail_hook(settings), find_hook_mailer(hooks.places) or mailer
    resources = Resources(database, storage, mailer, hooks=hooks)
    branches = [branch for plugin in installed for branch in plugin.branches]
    if schema is None:
        schema = await inspect(database, derive_requirements(settings, branches))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "create_litestar_app", reused_litestar.create_litestar_app)
        container = Container(settings, resources, schema, installed)
        app = server.create_service_app(container, tracing)
    if installed is PLUGINS and hooks is None:
        app = Documented(app, await find_document(settings))
    return Service(app, database, settings, resources.background, mailer)


@asynccontextmanager
async def serving(url: str, **options: Any) -> AsyncIterator[Service]:
    """The same over the database at `url`, closed at the end."""
    database = await open_database(url)
    try:
        service = await serve(database, **options)
        yield service
        # As the service does when it stops: what writes later must not lose its connection.
        await service.background.finish(GRACE)
    finally:
        await database.close()
        reused_litestar.release(database)


def cookies(answer: Answer) -> str:
    """A Cookie header with what a browser keeps of an answer."""
    pairs = [line.partition(";")[0] for line in answer.header_list("set-cookie")]
    return "; ".join(pair for pair in pairs if not pair.endswith("="))


def browser(answer: Answer) -> list[Header]:
    """Headers of a browser that got this answer, on a page of the trusted origin."""
    return [("cookie", cookies(answer)), ("origin", ORIGIN)]


def bearer(token: str) -> list[Header]:
    return [("authorization", f"Bearer {token}")]


def from_now(**delta: float) -> str:
    """A moment that is `timedelta(**delta)` away, in the wire form."""
    return to_iso(now() + timedelta(**delta))
