"""Calls work in a request of the host, in a background task, in a hook, and in a script."""

import asyncio

import pytest
from litestar import Litestar, Response, post
from litestar.background_tasks import BackgroundTask

from app import BetterAuth, HookRegistry, RequestContext, Settings, User
from tests.server.embedding.api.opened import opened
from tests.support.asgi import call, json_body
from tests.support.audited import read_events
from tests.support.secret import STRONG_SECRET

pytestmark = pytest.mark.anyio
ADA = {"email": "ada@example.com", "name": "Ada", "password": "correct horse"}


def make_host(auth: BetterAuth) -> Litestar:
    @post("/people")
    async def invite() -> Response[str]:
        user = await auth.api.create_user(email="b@example.com", name="Invited")
        welcome = BackgroundTask(auth.api.update_user, user.id, name="Welcomed")
        return Response(user.id, background=welcome)

    return Litestar([invite])


async def test_a_handler_and_its_background_task_call(database_url: str) -> None:
    auth = BetterAuth(Settings(secret=STRONG_SECRET, database_url=database_url))
    async with auth.lifespan():
        answer = await call(make_host(auth), "POST", "/people")
        assert (await auth.api.get_user(answer.body.decode())).name == "Welcomed"


async def test_a_call_in_a_hook_is_of_the_application_and_of_the_request(
    sqlite_url: str,
) -> None:
    made: list[BetterAuth] = []

    def register(hooks: HookRegistry) -> None:
        @hooks.after_user_created
        async def rename(user: User, _request: RequestContext | None) -> None:
            await made[0].api.update_user(user.id, name="Renamed")

    async with opened(sqlite_url, register=register) as auth:
        made.append(auth)
        headers = [("content-type", "application/json"), ("user-agent", "browser")]
        await call(auth, "POST", "/api/auth/sign-up/email", headers, json_body(ADA))
        await auth.container.background.finish()
        signed_up, renamed = await read_events(auth.container.database)
    assert (signed_up["actor"], renamed["actor"]) == ("user", "application")
    assert renamed["actor_id"] is None
    assert renamed["request_id"] == signed_up["request_id"]
    assert renamed["user_agent"] == "browser"


def test_a_script_calls_in_a_loop_of_its_own(sqlite_url: str) -> None:
    auth = BetterAuth(Settings(secret=STRONG_SECRET, database_url=sqlite_url))

    async def create(email: str) -> User:
        async with auth.lifespan():
            return await auth.api.create_user(email=email, name="Ada")

    emails = ["ada@example.com", "b@example.com"]
    assert [asyncio.run(create(email)).email for email in emails] == emails


async def test_two_servers_in_one_process_have_users_of_their_own(
    sqlite_url: str, postgres_url: str
) -> None:
    async with opened(sqlite_url) as one, opened(postgres_url) as other:
        user = await one.api.create_user(email="ada@example.com", name="Ada")
        assert await other.api.find_user(user.id) is None
        assert await other.api.list_users() == []
