"""Calls run the hooks that requests run, and what a hook refuses is not written."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app import BetterAuth, HookRefusal, HookRegistry, Refusal, User
from app.plugins.admin.options import AdminOptions
from app.server.hooks.calls import HookFailed
from app.server.hooks.places import THREADS
from app.storage.sqlite import engines
from tests.server.embedding.api.opened import opened
from tests.support.logged import Lines
from tests.support.plugins import enabled

pytestmark = pytest.mark.anyio
Action = Callable[[BetterAuth, User], Awaitable[object]]
NAMES = (
    "validate_user_info",
    "before_user_created",
    "user_created",
    "before_user_updated",
    "user_updated",
    "before_user_deleted",
    "user_deleted",
    "user_banned",
    "password_changed",
    "before_session_created",
    "session_created",
    "before_session_deleted",
    "session_deleted",
    "token_claims",
)


class Heard:
    """The names of the hooks that have run, in their order; `refused` is the one that refuses."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.refused: str | None = None

    def register(self, hooks: HookRegistry) -> None:
        for name in NAMES:
            getattr(hooks, name)(self._make_hook(name))

    def _make_hook(self, name: str) -> Callable[..., Awaitable[object]]:
        async def hear(*arguments: object) -> object:
            self.names.append(name)
            if name == self.refused:
                raise HookRefusal("NOT_TODAY", "Not today", status=409)
            claims: object = getattr(arguments[0], "claims", None)
            return claims

        return hear


async def create(auth: BetterAuth, email: str = "ada@example.com") -> User:
    return await auth.api.create_user(email=email, name="Ada", password="correct horse")


async def end_session(auth: BetterAuth, user: User) -> None:
    session = await auth.api.create_session(user.id)
    await auth.api.revoke_user_session(user.id, session.id)


ACTIONS: dict[str, tuple[Action, list[str]]] = {
    "create": (
        lambda auth, _: create(auth, "b@example.com"),
        ["validate_user_info", "before_user_created", "user_created"],
    ),
    "update": (
        lambda auth, user: auth.api.update_user(user.id, name="Ada L"),
        ["before_user_updated", "user_updated"],
    ),
    "remove": (
        lambda auth, user: auth.api.remove_user(user.id),
        ["before_user_deleted", "user_deleted"],
    ),
    "disable": (lambda auth, user: auth.api.disable_user(user.id), ["user_banned"]),
    "set_password": (
        lambda auth, user: auth.api.set_user_password(user.id, "battery staple"),
        ["password_changed"],
    ),
    "end_session": (
        end_session,
        ["before_session_created", "session_created", "before_session_deleted", "session_deleted"],
    ),
    "issue_token": (
        lambda auth, user: auth.api.issue_token(user.id),
        ["before_session_created", "session_created", "token_claims"],
    ),
}


@pytest.mark.parametrize("name", ACTIONS)
async def test_a_call_runs_the_hooks_of_what_it_does(database_url: str, name: str) -> None:
    action, expected = ACTIONS[name]
    heard = Heard()
    async with opened(database_url, register=heard.register) as auth:
        user = await create(auth)
        heard.names.clear()
        await action(auth, user)
    assert heard.names == expected


async def test_a_ban_of_the_plugin_runs_the_hook_of_bans(sqlite_url: str) -> None:
    heard, on = Heard(), enabled(AdminOptions())
    async with opened(sqlite_url, register=heard.register, plugins=on) as auth:
        user = await create(auth)
        heard.names.clear()
        await auth.api.ban_user(user.id)
    assert heard.names == ["before_user_updated", "user_updated", "user_banned"]


@pytest.mark.parametrize(
    ("action", "refused"),
    [
        ("create", "before_user_created"),
        ("create", "user_created"),
        ("update", "before_user_updated"),
        ("update", "user_updated"),
        ("remove", "before_user_deleted"),
        ("remove", "user_deleted"),
        ("disable", "user_banned"),
        ("set_password", "password_changed"),
        ("issue_token", "session_created"),
    ],
)
async def test_what_a_hook_refuses_is_not_written(
    database_url: str, action: str, refused: str
) -> None:
    heard = Heard()
    async with opened(database_url, register=heard.register) as auth:
        user = await create(auth)
        heard.refused = refused
        with pytest.raises(Refusal) as raised:
            await ACTIONS[action][0](auth, user)
        assert (raised.value.code, raised.value.status) == ("NOT_TODAY", 409)
        assert await auth.api.list_users() == [user]
        assert await auth.api.verify_password(user.id, "correct horse")
        assert not await auth.api.is_user_disabled(user.id)
        assert await auth.api.list_user_sessions(user.id) == []


async def test_a_user_whose_sessions_must_not_end_is_not_disabled(database_url: str) -> None:
    heard = Heard()
    async with opened(database_url, register=heard.register) as auth:
        user = await create(auth)
        session = await auth.api.create_session(user.id)
        heard.refused = "before_session_deleted"
        with pytest.raises(HookRefusal):
            await auth.api.disable_user(user.id)
        assert not await auth.api.is_user_disabled(user.id)
        assert await auth.api.list_user_sessions(user.id) == [session]
        heard.refused = None
        heard.names.clear()
        assert await auth.api.disable_user(user.id) == 1
        assert heard.names == ["before_session_deleted", "user_banned", "session_deleted"]


async def test_a_refused_end_of_a_ban_leaves_the_columns_of_the_plugin(database_url: str) -> None:
    refuses = True

    def register(hooks: HookRegistry) -> None:
        @hooks.user_unbanned
        async def refuse(_user: User, _tx: object) -> None:
            if refuses:
                raise HookRefusal("NOT_TODAY", "Not today")

    async with opened(database_url, register=register, plugins=enabled(AdminOptions())) as auth:
        user = await create(auth)
        await auth.api.disable_user(user.id)
        with pytest.raises(HookRefusal):
            await auth.api.enable_user(user.id)
        assert await auth.api.is_user_disabled(user.id)
        assert (await auth.api.get_user(user.id))["banned"] is True
        refuses = False
        assert await auth.api.enable_user(user.id)
        assert (await auth.api.get_user(user.id))["banned"] is False


async def test_functions_that_take_long_after_a_commit_delay_no_request(sqlite_url: str) -> None:
    leave, said = threading.Event(), list[str]()

    def wait(_user: User, _request: object) -> None:
        leave.wait(20)

    def register(hooks: HookRegistry) -> None:
        hooks.after_user_created(wait)
        hooks.before_user_updated(lambda _: said.append("before"))
        hooks.user_updated(lambda _update, _tx: said.append("in the transaction"))

    async with opened(sqlite_url, register=register) as auth:
        try:
            for number in range(THREADS):
                user = await auth.api.create_user(email=f"{number}@example.com", name="Ada")
            async with asyncio.timeout(5):
                await auth.api.update_user(user.id, name="Bo")
        finally:
            leave.set()
    assert said == ["before", "in the transaction"]


@pytest.mark.engines("sqlite")
async def test_a_write_inside_of_a_transaction_names_the_hook_that_waits(
    database_url: str, monkeypatch: pytest.MonkeyPatch, log: Lines
) -> None:
    monkeypatch.setattr(engines, "QUEUE_SECONDS", 0.2)

    async def invite(user: User, _: AsyncConnection) -> None:
        await create(auth, f"friend-of-{user.email}")

    async with opened(database_url, register=lambda hooks: hooks.user_created(invite)) as auth:
        with pytest.raises(Refusal) as caught:
            await create(auth)
        assert caught.value.code == "STORE_UNAVAILABLE"
        assert await auth.api.list_users() == []
    (line,) = [each for each in log() if each.get("message") == "hook failed"]
    assert str(line["function"]).endswith("invite")
    assert "SQLite has one writer" in str(line["fault"])


async def test_refusal_of_a_call_in_a_hook_is_no_refusal_of_the_hook(sqlite_url: str) -> None:
    async def look_for_another(_user: User, _tx: AsyncConnection) -> None:
        await auth.api.get_user("nobody")

    def register(hooks: HookRegistry) -> None:
        hooks.user_created(look_for_another)

    async with opened(sqlite_url, register=register) as auth:
        with pytest.raises(HookFailed, match="raised NoSuchUser"):
            await create(auth)
        assert await auth.api.find_user_by_email("ada@example.com") is None
