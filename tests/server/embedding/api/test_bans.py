"""Users are banned, disabled and given roles by calls."""

from collections.abc import AsyncIterator

import pytest

from app import BetterAuth, PluginIsOff, Refusal, User
from app.auth.access_control import Roles
from app.plugins.admin.options import AdminOptions
from tests.server.embedding.api.opened import opened
from tests.support.asgi import Answer, call, json_body
from tests.support.audited import list_names
from tests.support.plugins import enabled

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse"
ROLES: Roles = {"admin": {"user": ("ban", "impersonate")}, "editor": {}, "user": {}}


@pytest.fixture
async def auth(database_url: str) -> AsyncIterator[BetterAuth]:
    async with opened(database_url) as made:
        yield made


@pytest.fixture
async def admin(database_url: str) -> AsyncIterator[BetterAuth]:
    """With the plugin `admin`."""
    async with opened(database_url, plugins=enabled(AdminOptions(roles=ROLES))) as made:
        yield made


async def create(auth: BetterAuth) -> User:
    return await auth.api.create_user(email="ada@example.com", name="Ada", password=PASSWORD)


async def sign_in(auth: BetterAuth) -> Answer:
    body = json_body({"email": "ada@example.com", "password": PASSWORD})
    headers = [("content-type", "application/json")]
    return await call(auth, "POST", "/api/auth/sign-in/email", headers, body)


async def test_without_the_plugin_a_ban_disables(auth: BetterAuth) -> None:
    user = await create(auth)
    await auth.api.create_session(user.id)
    assert await auth.api.ban_user(user.id, reason="spam") == user
    assert await auth.api.is_user_disabled(user.id)
    assert await auth.api.list_user_sessions(user.id) == []
    assert (await sign_in(auth)).json()["code"] == "USER_DISABLED"
    await auth.api.unban_user(user.id)
    assert (await sign_in(auth)).status == 200


async def test_a_ban_that_ends_needs_the_plugin(auth: BetterAuth) -> None:
    user = await create(auth)
    with pytest.raises(PluginIsOff):
        await auth.api.ban_user(user.id, expires_in=60)
    with pytest.raises(PluginIsOff):
        await auth.api.set_role(user.id, "admin")
    assert not await auth.api.is_user_disabled(user.id)


async def test_with_the_plugin_a_ban_is_that_of_the_plugin(admin: BetterAuth) -> None:
    user = await create(admin)
    await admin.api.create_session(user.id)
    banned = await admin.api.ban_user(user.id, reason="spam", expires_in=3600)
    assert (banned["banned"], banned["banReason"]) == (True, "spam")
    assert str(banned["banExpires"]) > user.created_at
    assert not await admin.api.is_user_disabled(user.id)
    assert await admin.api.list_user_sessions(user.id) == []
    assert (await sign_in(admin)).json()["code"] == "BANNED_USER"
    assert (await admin.api.unban_user(user.id))["banned"] is False
    assert (await sign_in(admin)).status == 200


async def test_an_administrator_cannot_lift_what_disables(admin: BetterAuth) -> None:
    user = await create(admin)
    await admin.api.create_session(user.id)
    assert await admin.api.disable_user(user.id, reason="legal") == 1
    await admin.api.unban_user(user.id)
    assert (await sign_in(admin)).json()["code"] == "USER_DISABLED"
    assert await admin.api.enable_user(user.id)
    assert not await admin.api.enable_user(user.id)
    assert (await sign_in(admin)).status == 200


async def test_roles_are_set_one_or_several(admin: BetterAuth) -> None:
    user = await create(admin)
    assert user["role"] == "user"
    assert (await admin.api.set_role(user.id, "editor"))["role"] == "editor"
    assert (await admin.api.set_role(user.id, ("editor", "admin")))["role"] == "editor,admin"
    with pytest.raises(Refusal) as raised:
        await admin.api.set_role(user.id, "nobody")
    assert raised.value.code == "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE"
    assert (await list_names(admin.container.database)).count("role_changed") == 2


async def test_fields_of_the_plugin_are_no_additional_fields(admin: BetterAuth) -> None:
    user = await create(admin)
    for name in ("role", "banned", "banReason", "banExpires"):
        with pytest.raises(Refusal) as raised:
            await admin.api.update_user(user.id, fields={name: "admin"})
        assert raised.value.code == "FIELD_NOT_ALLOWED"
