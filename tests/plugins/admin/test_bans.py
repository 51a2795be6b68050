"""A ban ends sessions and refuses new ones, until it expires."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from app.plugins.admin.options import AdminOptions
from app.plugins.admin.plugin import PLUGIN
from app.settings.options import CookieCacheOptions, SessionOptions
from app.storage.redis import RedisStorage
from tests.plugins.admin.people import (
    ADMIN,
    BOB,
    OPTIONS,
    find,
    id_of,
    is_signed_in,
    set_columns,
    sign_up_admin,
)
from tests.support.plugins import plugged
from tests.support.service import PASSWORD, Service, browser, from_now
from tests.support.tables import sessions

pytestmark = pytest.mark.anyio

BANNED = "BANNED_USER"


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        yield service


async def ban(service: Service, user_id: str, **more: object) -> None:
    admin = browser(await service.sign_in(ADMIN))
    answer = await service.post("/admin/ban-user", {"userId": user_id, **more}, admin)
    assert answer.status == 200, answer.json()


async def test_ban_ends_sessions_and_refuses_new_ones(service: Service) -> None:
    await sign_up_admin(service)
    bob = await service.sign_up(BOB)
    await ban(service, id_of(bob), banReason="Spam")
    assert not await is_signed_in(service, browser(bob))
    refused = await service.sign_in(BOB)
    assert (refused.status, refused.json()["code"]) == (403, BANNED)
    assert "been banned" in refused.json()["message"]
    assert refused.header_list("set-cookie") == []
    assert (await service.sign_in(BOB, "wrong password")).status == 401
    assert len(await service.rows(sessions)) == 2  # of the administrator


async def test_ban_that_expired_is_lifted_at_the_next_sign_in(service: Service) -> None:
    await sign_up_admin(service)
    bob = await service.sign_up(BOB)
    await ban(service, id_of(bob), banExpiresIn=-1)
    signed_in = await service.sign_in(BOB)
    assert signed_in.status == 200
    row = await find(service, BOB)
    assert (bool(row["banned"]), row["banReason"], row["banExpires"]) == (False, None, None)
    user = (await service.get("/get-session", browser(signed_in))).json()["user"]
    assert (user["banned"], user["banReason"], user["banExpires"]) == (False, None, None)


@pytest.mark.parametrize("seconds", [60, 1e12, 1e300])
async def test_ban_that_will_expire_refuses(sqlite_url: str, seconds: float) -> None:
    async with plugged(sqlite_url, PLUGIN, OPTIONS) as service:
        await sign_up_admin(service)
        bob = await service.sign_up(BOB)
        await ban(service, id_of(bob), banExpiresIn=seconds)
        assert (await service.sign_in(BOB)).json()["code"] == BANNED


@pytest.mark.parametrize("expires", ["", "unclear", None])
async def test_ban_whose_end_is_unclear_refuses(sqlite_url: str, expires: str | None) -> None:
    async with plugged(sqlite_url, PLUGIN, OPTIONS) as service:
        await service.sign_up(BOB)
        await set_columns(service, BOB, banned=1, banExpires=expires)
        assert (await service.sign_in(BOB)).json()["code"] == BANNED


async def test_message_reason_and_end_are_those_of_the_options(sqlite_url: str) -> None:
    options = AdminOptions(
        banned_user_message="Ask the house",
        default_ban_reason="House rules",
        default_ban_expires_in=3600,
    )
    async with plugged(sqlite_url, PLUGIN, options) as service:
        await sign_up_admin(service)
        bob = await service.sign_up(BOB)
        await ban(service, id_of(bob))
        row = await find(service, BOB)
        assert row["banReason"] == "House rules"
        assert from_now(minutes=59) < row["banExpires"] < from_now(minutes=61)
        assert (await service.sign_in(BOB)).json()["message"] == "Ask the house"


async def test_change_of_the_password_gives_a_banned_user_no_session(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OPTIONS) as service:
        bob = await service.sign_up(BOB)
        await set_columns(service, BOB, banned=1)  # by a program that ends no sessions
        body = {
            "currentPassword": PASSWORD,
            "newPassword": "another horse",
            "revokeOtherSessions": True,
        }
        refused = await service.post("/change-password", body, browser(bob))
        assert refused.json()["code"] == BANNED


async def test_lifted_ban_lets_the_user_in(service: Service) -> None:
    admin = await sign_up_admin(service)
    bob = await service.sign_up(BOB)
    await ban(service, id_of(bob))
    await service.post("/admin/unban-user", {"userId": id_of(bob)}, admin)
    assert (await service.sign_in(BOB)).status == 200


@pytest.mark.parametrize("in_database", [False, True])
async def test_ban_ends_sessions_of_every_process_in_redis(
    sqlite_url: str, storage: RedisStorage, in_database: bool
) -> None:
    session = SessionOptions(store_session_in_database=in_database)
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(
                plugged(sqlite_url, PLUGIN, OPTIONS, storage=storage, session=session)
            )
            for _ in range(2)
        ]
        await sign_up_admin(first)
        bob = await second.sign_up(BOB)
        assert await is_signed_in(second, browser(bob))
        await ban(first, id_of(bob))
        assert not await is_signed_in(second, browser(bob))
        assert (await second.sign_in(BOB)).json()["code"] == BANNED


async def test_ban_ends_a_session_in_a_cookie_cache_where_the_store_is_asked(
    sqlite_url: str,
) -> None:
    caching = SessionOptions(cookie_cache=CookieCacheOptions(enabled=True))
    async with plugged(sqlite_url, PLUGIN, OPTIONS, session=caching) as service:
        await sign_up_admin(service)
        bob = await service.sign_up(BOB)
        await ban(service, id_of(bob))
        headers = browser(bob)
        assert await is_signed_in(service, headers)  # for five minutes, as in the original
        answer = await service.get("/get-session", headers)
        assert answer.header_list("set-auth-jwt") == []
        assert (await service.get("/token", headers)).status == 401
        assert (await service.get("/list-sessions", headers)).status == 401
        assert (await service.get("/get-session?disableCookieCache=true", headers)).json() is None


@pytest.mark.parametrize("with_storage", [False, True])
async def test_no_sign_in_survives_a_ban_at_the_same_time(
    database_url: str, storage: RedisStorage, with_storage: bool
) -> None:
    """Two services: one signs in while the other bans."""
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(
                plugged(database_url, PLUGIN, OPTIONS, storage=storage if with_storage else None)
            )
            for _ in range(2)
        ]
        admin = await sign_up_admin(first)
        bob = id_of(await second.sign_up(BOB))
        for _ in range(4):
            signing_in = [asyncio.create_task(second.sign_in(BOB)) for _ in range(3)]
            banning = first.post("/admin/ban-user", {"userId": bob}, admin)
            banned, *answers = await asyncio.gather(banning, *signing_in)
            assert banned.status == 200
            for answer in answers:
                assert answer.status in (200, 403)
                if answer.status == 200:
                    assert not await is_signed_in(second, browser(answer))
            listed = await first.post("/admin/list-user-sessions", {"userId": bob}, admin)
            assert listed.json() == {"sessions": []}
            await first.post("/admin/unban-user", {"userId": bob}, admin)


async def test_new_ban_is_not_lifted_with_the_expired_one(database_url: str) -> None:
    """The sign-in saw the expired ban, the administrator bans again meanwhile."""
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(plugged(database_url, PLUGIN, OPTIONS))
            for _ in range(2)
        ]
        admin = await sign_up_admin(first)
        bob = id_of(await second.sign_up(BOB))
        for _ in range(4):
            await first.post("/admin/ban-user", {"userId": bob, "banExpiresIn": -1}, admin)
            again = first.post("/admin/ban-user", {"userId": bob, "banReason": "New"}, admin)
            answer, banned = await asyncio.gather(second.sign_in(BOB), again)
            assert banned.status == 200
            row = await find(first, BOB)
            assert (bool(row["banned"]), row["banReason"]) == (True, "New")
            if answer.status == 200:
                assert not await is_signed_in(second, browser(answer))
