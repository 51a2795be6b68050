"""A `BetterAuth` opens once, answers requests, and closes with the last who holds it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app import BetterAuth, Settings
from app.server import opening as stores
from app.server.embedding import shared_opening
from app.server.embedding.shared_opening import NotOpen
from app.server.hooks.registry import HookRegistry
from app.web.http.asgi import Receive, Scope, Send
from tests.support.asgi import call
from tests.support.secret import STRONG_SECRET

pytestmark = pytest.mark.anyio


@pytest.fixture
async def auth(sqlite_url: str) -> AsyncIterator[BetterAuth]:
    made = BetterAuth(Settings(secret=STRONG_SECRET, database_url=sqlite_url))
    async with made.lifespan():
        yield made


async def test_it_answers_below_its_path_and_nothing_else(auth: BetterAuth) -> None:
    assert (await call(auth, "GET", "/api/auth/ok")).json() == {"ok": True}
    for path in ("/health/ready", "/docs", "/schema/openapi.json", "/api/tasks", "/api/auth/no"):
        answer = await call(auth, "GET", path)
        assert (answer.status, answer.body) == (404, b""), path


@pytest.mark.parametrize(
    ("mount", "path", "status"),
    [
        ("/api", "/api/auth/ok", 200),
        ("/api", "/api/orders", 404),
        ("", "/orders", 404),
        ("/apis", "/apis/ok", 500),
        ("/auth", "/auth/ok", 500),
    ],
)
async def test_mount_at_a_part_of_the_path_works_and_another_one_says_so(
    auth: BetterAuth, mount: str, path: str, status: int
) -> None:
    async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
        await auth({**scope, "root_path": mount}, receive, send)

    assert (await call(mounted, "GET", path)).status == status


async def test_first_requests_open_it_once_without_a_lifespan(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Settings] = []
    original = stores.open_container

    def count(settings: Settings, hooks: HookRegistry) -> object:
        opened.append(settings)
        return original(settings, hooks)

    monkeypatch.setattr(shared_opening, "open_container", count)
    auth = BetterAuth(Settings(secret=STRONG_SECRET, database_url=sqlite_url))
    answers = await asyncio.gather(*(call(auth, "GET", "/api/auth/ok") for _ in range(5)))
    assert [answer.status for answer in answers] == [200] * 5
    assert len(opened) == 1
    async with auth.lifespan():
        assert auth.container.settings.database_url == auth.settings.database_url
    with pytest.raises(NotOpen, match="is not open"):
        _ = auth.container
    assert len(opened) == 1
