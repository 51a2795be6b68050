"""Administrators as other users: whom, how long, and the way back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from msgspec import convert

from app.plugins.admin.options import AdminOptions
from app.plugins.admin.plugin import PLUGIN
from app.settings.options import SessionOptions
from app.storage.redis import RedisStorage
from app.web.http.asgi import Header
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
from tests.support.asgi import Answer
from tests.support.plugins import plugged
from tests.support.service import ORIGIN, Service, browser, cookies, from_now
from tests.support.tables import sessions

pytestmark = pytest.mark.anyio

COOKIE = "better-auth.admin_session"


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with plugged(sqlite_url, PLUGIN, OPTIONS) as service:
        yield service


async def impersonate(service: Service, user_id: str, admin: list[Header]) -> Answer:
    return await service.post("/admin/impersonate-user", {"userId": user_id}, admin)


async def stop(service: Service, headers: list[Header]) -> Answer:
    return await service.post("/admin/stop-impersonating", {}, headers)


async def test_administrator_is_the_user_for_an_hour_and_returns(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        bob = await service.sign_up(BOB)
        as_bob = await impersonate(service, id_of(bob), admin)
        found = (await service.get("/get-session", browser(as_bob))).json()
        assert found["user"]["email"] == BOB
        assert found["session"]["impersonatedBy"] == (await find(service, ADMIN))["id"]
        assert from_now(minutes=59) < found["session"]["expiresAt"] < from_now(minutes=61)
        back = await stop(service, browser(as_bob))
        assert back.json()["user"]["email"] == ADMIN
        assert back.json()["session"]["impersonatedBy"] is None
        assert await is_signed_in(service, browser(back))
        assert not await is_signed_in(service, browser(as_bob))
        assert f"{COOKIE}=; Max-Age=0" in " ".join(back.header_list("set-cookie"))


@pytest.mark.parametrize("with_storage", [False, True])
async def test_user_sees_no_session_of_an_administrator(
    sqlite_url: str, storage: RedisStorage, with_storage: bool
) -> None:
    kept = storage if with_storage else None
    async with plugged(sqlite_url, PLUGIN, OPTIONS, storage=kept) as service:
        admin = await sign_up_admin(service)
        bob = await service.sign_up(BOB)
        await impersonate(service, id_of(bob), admin)
        own = (await service.get("/list-sessions", browser(bob))).json()
        assert [each["token"] for each in own] == [bob.json()["token"]]
        body = {"userId": id_of(bob)}
        every = await service.post("/admin/list-user-sessions", body, admin)
        assert len(every.json()["sessions"]) == 2


async def test_column_of_another_name_hides_them_too(sqlite_url: str) -> None:
    schema = {"session": {"fields": {"impersonatedBy": "as_user"}}}
    options = convert({"schema": schema}, AdminOptions)
    async with plugged(sqlite_url, PLUGIN, options) as service:
        admin = await sign_up_admin(service)
        bob = await service.sign_up(BOB)
        await impersonate(service, id_of(bob), admin)
        assert len((await service.get("/list-sessions", browser(bob))).json()) == 1


async def test_administrators_are_not_impersonated(service: Service) -> None:
    admin = await sign_up_admin(service)
    await sign_up_admin(service, BOB)
    other = (await find(service, BOB))["id"]
    for role in ("admin", "user,admin"):
        await set_columns(service, BOB, role=role)
        refused = await impersonate(service, other, admin)
        assert (refused.status, refused.json()["code"]) == (403, "YOU_CANNOT_IMPERSONATE_ADMINS")
    assert len(await service.rows(sessions)) == 2


@pytest.mark.parametrize(
    "options",
    [
        AdminOptions(allow_impersonating_admins=True),
        AdminOptions(roles={"admin": {"user": ("impersonate", "impersonate-admins")}}),
    ],
)
async def test_options_let_administrators_be_impersonated(
    sqlite_url: str, options: AdminOptions
) -> None:
    async with plugged(sqlite_url, PLUGIN, options) as service:
        admin = await sign_up_admin(service)
        await sign_up_admin(service, BOB)
        assert (await impersonate(service, (await find(service, BOB))["id"], admin)).status == 200


async def test_banned_user_is_not_impersonated(service: Service) -> None:
    admin = await sign_up_admin(service)
    bob = await service.sign_up(BOB)
    await set_columns(service, BOB, banned=1)
    refused = await impersonate(service, id_of(bob), admin)
    assert refused.json()["code"] == "BANNED_USER"
    assert refused.header_list("set-cookie") == []


async def test_impersonated_user_has_no_permissions_of_the_administrator(service: Service) -> None:
    admin = await sign_up_admin(service)
    bob = await service.sign_up(BOB)
    as_bob = browser(await impersonate(service, id_of(bob), admin))
    assert (await service.get("/admin/list-users", as_bob)).status == 403
    assert (await impersonate(service, id_of(bob), as_bob)).status == 403


async def test_without_the_cookie_there_is_no_way_back(service: Service) -> None:
    admin = await sign_up_admin(service)
    bob = await service.sign_up(BOB)
    as_bob = await impersonate(service, id_of(bob), admin)
    without = [each for each in cookies(as_bob).split("; ") if COOKIE not in each]
    refused = await stop(service, [("cookie", "; ".join(without)), ("origin", ORIGIN)])
    assert (refused.status, refused.json()) == (500, {"message": "Failed to find admin session"})
    forged = "; ".join([*without, f"{COOKIE}={bob.json()['token']}%3A.c2ln"])
    assert (await stop(service, [("cookie", forged), ("origin", ORIGIN)])).status == 500
    assert await is_signed_in(service, browser(as_bob))


async def test_cookie_of_another_administrator_is_no_way_back(service: Service) -> None:
    admin = await sign_up_admin(service)
    other = await sign_up_admin(service, "eve@example.com")
    bob = id_of(await service.sign_up(BOB))
    mine = cookies(await impersonate(service, bob, admin))
    hers = cookies(await impersonate(service, bob, other))
    kept = [each for each in mine.split("; ") if COOKIE not in each]
    taken = [each for each in hers.split("; ") if COOKIE in each]
    refused = await stop(service, [("cookie", "; ".join([*kept, *taken])), ("origin", ORIGIN)])
    assert refused.status == 500


async def test_session_that_has_ended_is_no_way_back(service: Service) -> None:
    admin = await sign_up_admin(service)
    other = await sign_up_admin(service, "eve@example.com")
    as_bob = await impersonate(service, id_of(await service.sign_up(BOB)), admin)
    body = {"userId": (await find(service, ADMIN))["id"]}
    assert (await service.post("/admin/revoke-user-sessions", body, other)).status == 200
    assert (await stop(service, browser(as_bob))).status == 500


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/admin/ban-user", {}),
        ("/admin/update-user", {"data": {"banned": True}}),
        ("/admin/update-user", {"data": {"role": "user"}}),
        ("/admin/set-role", {"role": "user"}),
        ("/admin/remove-user", {}),
    ],
)
@pytest.mark.parametrize("with_storage", [False, True])
async def test_administrator_who_is_none_any_more_is_nobody_else_either(
    database_url: str, storage: RedisStorage, path: str, more: dict[str, object], with_storage: bool
) -> None:
    kept = storage if with_storage else None
    both = SessionOptions(store_session_in_database=True)
    async with plugged(database_url, PLUGIN, OPTIONS, storage=kept, session=both) as service:
        admin = await sign_up_admin(service)
        other = await sign_up_admin(service, "eve@example.com")
        as_bob = await impersonate(service, id_of(await service.sign_up(BOB)), admin)
        assert await is_signed_in(service, browser(as_bob))
        body = {"userId": (await find(service, ADMIN))["id"], **more}
        assert (await service.post(path, body, other)).status == 200
        assert not await is_signed_in(service, browser(as_bob))


async def test_other_role_that_may_impersonate_ends_no_impersonation(service: Service) -> None:
    admin = await sign_up_admin(service)
    as_bob = await impersonate(service, id_of(await service.sign_up(BOB)), admin)
    body = {"userId": (await find(service, ADMIN))["id"], "role": ["user", "admin"]}
    assert (await service.post("/admin/set-role", body, admin)).status == 200
    assert await is_signed_in(service, browser(as_bob))


async def test_banned_administrator_begins_no_impersonation(database_url: str) -> None:
    """Whose ban came while the request was on its way."""
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        bob = await service.sign_up(BOB)
        yes = 1 if database_url.startswith("sqlite") else True
        await set_columns(service, ADMIN, banned=yes)  # and the session is still there
        refused = await impersonate(service, id_of(bob), admin)
        assert refused.json()["code"] == "BANNED_USER"


@pytest.mark.parametrize(
    ("path", "more"), [("/admin/set-role", {"role": "user"}), ("/admin/remove-user", {})]
)
async def test_no_impersonation_survives_the_loss_of_rights_at_the_same_time(
    database_url: str, path: str, more: dict[str, object]
) -> None:
    """Two services: an administrator begins at one while another one ends the rights at the other.

    Requests are on their way before, so that some have found the role as it was.
    """
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(plugged(database_url, PLUGIN, OPTIONS))
            for _ in range(2)
        ]
        other = await sign_up_admin(first, "eve@example.com")
        bob = id_of(await second.sign_up(BOB))
        for attempt in range(4):
            email = f"admin{attempt}@example.com"
            admin = await sign_up_admin(second, email)
            body = {"userId": (await find(first, email))["id"], **more}
            beginning = [asyncio.create_task(impersonate(second, bob, admin)) for _ in range(4)]
            ended, *answers = await asyncio.gather(first.post(path, body, other), *beginning)
            assert ended.status == 200
            for answer in answers:
                if answer.status == 200:
                    assert not await is_signed_in(second, browser(answer))
            listed = await first.post("/admin/list-user-sessions", {"userId": bob}, other)
            whose = [each["impersonatedBy"] for each in listed.json()["sessions"]]
            assert [each for each in whose if each is not None] == []


async def test_who_impersonates_nobody_cannot_stop(service: Service) -> None:
    admin = await sign_up_admin(service)
    refused = await stop(service, admin)
    expected = {"message": "You are not impersonating anyone"}
    assert (refused.status, refused.json()) == (400, expected)


async def test_session_that_ends_with_the_browser_still_does_after_it(service: Service) -> None:
    await sign_up_admin(service)
    admin = browser(await service.sign_in(ADMIN, rememberMe=False))
    as_bob = await impersonate(service, id_of(await service.sign_up(BOB)), admin)
    back = (await stop(service, browser(as_bob))).header_list("set-cookie")
    assert [line for line in back if "session_token" in line and "Max-Age" in line] == []
    assert [line for line in back if line.startswith("better-auth.dont_remember=true")] != []


async def test_revocation_is_remembered_as_long_as_an_impersonation_lasts(
    sqlite_url: str, storage: RedisStorage
) -> None:
    month = 30 * 24 * 3600
    options = AdminOptions(impersonation_session_duration=month)
    async with plugged(sqlite_url, PLUGIN, options, storage=storage) as service:
        assert service.settings.longest_session == month
        admin = await sign_up_admin(service)
        as_bob = await impersonate(service, id_of(await service.sign_up(BOB)), admin)
        await service.post("/admin/ban-user", {"userId": id_of(as_bob)}, admin)
        assert not await is_signed_in(service, browser(as_bob))
