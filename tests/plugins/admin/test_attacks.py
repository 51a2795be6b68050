"""Who is no administrator gets nothing, and nobody makes oneself one."""

from collections.abc import AsyncIterator

import pytest

from app.plugins.admin.options import AdminOptions
from app.plugins.admin.plugin import PLUGIN
from app.settings.options import CookieCacheOptions, SessionOptions
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
from tests.support.plugins import plugged
from tests.support.service import PASSWORD, Service, browser
from tests.support.tables import accounts, users

pytestmark = pytest.mark.anyio

POSTS: dict[str, dict[str, object]] = {
    "/admin/set-role": {"role": "admin"},
    "/admin/create-user": {"email": "new@example.com", "name": "New", "role": "admin"},
    "/admin/update-user": {"data": {"role": "admin", "banned": True}},
    "/admin/ban-user": {},
    "/admin/unban-user": {},
    "/admin/impersonate-user": {},
    "/admin/list-user-sessions": {},
    "/admin/revoke-user-session": {"sessionToken": "x"},
    "/admin/revoke-user-sessions": {},
    "/admin/remove-user": {},
    "/admin/set-user-password": {"newPassword": "another horse"},
}


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with plugged(sqlite_url, PLUGIN, OPTIONS) as service:
        yield service


async def list_statuses(service: Service, user_id: str, headers: list[Header]) -> set[int]:
    statuses = set()
    for path, more in POSTS.items():
        statuses.add((await service.post(path, {"userId": user_id, **more}, headers)).status)
    for path in ("/admin/list-users", f"/admin/get-user?id={user_id}"):
        statuses.add((await service.get(path, headers)).status)
    return statuses


async def test_only_administrators_may_call(service: Service) -> None:
    target = await service.sign_up()
    bob = browser(await service.sign_up(BOB))
    before = await service.rows(users), await service.rows(accounts)
    assert await list_statuses(service, id_of(target), []) == {401}
    assert await list_statuses(service, id_of(target), bob) == {403}
    assert (await service.rows(users), await service.rows(accounts)) == before
    assert await is_signed_in(service, browser(target))


@pytest.mark.parametrize("role", ["Admin", "admin ", " admin", "admin;user", "", "administrator"])
async def test_role_is_compared_exactly(service: Service, role: str) -> None:
    bob = browser(await service.sign_up(BOB))
    await set_columns(service, BOB, role=role)
    assert (await service.get("/admin/list-users", bob)).status == 403


@pytest.mark.parametrize("field", ["role", "banReason", "banExpires"])
async def test_nobody_signs_up_with_what_administrators_set(service: Service, field: str) -> None:
    refused = await service.sign_up(**{field: "admin"})
    assert (refused.status, refused.json()["code"]) == (400, "FIELD_NOT_ALLOWED")
    bob = browser(await service.sign_up(BOB, banned=True))
    row = await find(service, BOB)
    assert (row["role"], row["banned"], row["banReason"]) == ("user", 0, None)
    changed = await service.post("/update-user", {field: "admin"}, bob)
    assert (changed.status, changed.json()["code"]) == (400, "FIELD_NOT_ALLOWED")
    assert await find(service, BOB) == row


async def test_session_cannot_be_marked_by_its_user(service: Service) -> None:
    bob = browser(await service.sign_up(BOB))
    answer = await service.post("/update-session", {"impersonatedBy": "x"}, bob)
    assert (answer.status, answer.json()["code"]) == (400, "FIELD_NOT_ALLOWED")


async def test_role_that_was_taken_away_counts_at_once_despite_a_cookie_cache(
    sqlite_url: str,
) -> None:
    caching = SessionOptions(cookie_cache=CookieCacheOptions(enabled=True))
    async with plugged(sqlite_url, PLUGIN, OPTIONS, session=caching) as service:
        await sign_up_admin(service)
        admin = browser(await service.sign_in(ADMIN))
        assert (await service.get("/admin/list-users", admin)).status == 200
        await set_columns(service, ADMIN, role="user")
        assert (await service.get("/admin/list-users", admin)).status == 403
        body = {"permissions": {"user": ["list"]}}
        assert not (await service.post("/admin/has-permission", body, admin)).json()["success"]


async def test_role_that_another_program_took_away_counts_despite_a_copy_in_redis(
    sqlite_url: str, storage: RedisStorage
) -> None:
    async with plugged(sqlite_url, PLUGIN, OPTIONS, storage=storage) as service:
        admin = await sign_up_admin(service)
        assert (await service.get("/admin/list-users", admin)).status == 200
        await set_columns(service, ADMIN, role="user")
        assert (await service.get("/admin/list-users", admin)).status == 403
        await service.execute('DELETE FROM "user"')
        assert (await service.get("/admin/list-users", admin)).status == 401


async def test_last_administrator_may_step_down_but_not_be_banned_or_removed(
    service: Service,
) -> None:
    admin = await sign_up_admin(service)
    own = {"userId": (await find(service, ADMIN))["id"]}
    for path, more in (
        ("/admin/ban-user", {}),
        ("/admin/update-user", {"data": {"banned": True}}),
        ("/admin/remove-user", {}),
    ):
        assert (await service.post(path, {**own, **more}, admin)).status == 400
    assert (await service.post("/admin/set-role", {**own, "role": "user"}, admin)).status == 200
    assert (await service.post("/admin/set-role", {**own, "role": "admin"}, admin)).status == 403


async def test_user_of_the_option_has_every_permission_whatever_the_role(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OPTIONS) as service:
        bob = await service.sign_up(BOB)
    options = AdminOptions(admin_user_ids=(id_of(bob),))
    async with plugged(sqlite_url, PLUGIN, options) as service:
        assert (await service.get("/admin/list-users", browser(bob))).status == 200
        admin = await sign_up_admin(service)
        body = {"userId": id_of(bob)}
        assert (await service.post("/admin/impersonate-user", body, admin)).status == 403


async def test_roles_that_are_not_configured_cannot_be_set(sqlite_url: str) -> None:
    roles = {"admin": {"user": ("set-role", "create", "update")}, "editor": {}}
    async with plugged(sqlite_url, PLUGIN, AdminOptions(roles=roles)) as service:
        admin = await sign_up_admin(service)
        await service.sign_up(BOB)
        before = await find(service, BOB)
        for role in ("owner", "admin,editor", ["editor", "owner"], "__proto__", "constructor"):
            for path, more in (
                ("/admin/set-role", {"role": role}),
                ("/admin/update-user", {"data": {"role": role}}),
                ("/admin/create-user", {"email": "x@example.com", "name": "X", "role": role}),
            ):
                answer = await service.post(path, {"userId": before["id"], **more}, admin)
                code = "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE"
                assert (answer.status, answer.json()["code"]) == (400, code)
        assert await find(service, BOB) == before


async def test_permission_to_create_does_not_give_away_roles_or_bans(sqlite_url: str) -> None:
    roles = {"admin": {"user": ("create", "update")}}
    async with plugged(sqlite_url, PLUGIN, AdminOptions(roles=roles)) as service:
        admin = await sign_up_admin(service)
        own = (await find(service, ADMIN))["id"]
        new = {"email": "x@example.com", "name": "X"}
        for data in ({"role": "admin"}, {"banned": True}, {"banExpires": None}, {"banReason": ""}):
            body = {**new, "data": data}
            assert (await service.post("/admin/create-user", body, admin)).status == 403
        changes: tuple[dict[str, object], ...] = (
            {"role": "admin"},
            {"banned": False},
            {"email": "y@example.com"},
            {"emailVerified": True},
            {"phoneNumber": "1"},
        )
        for data_ in changes:
            body_ = {"userId": own, "data": data_}
            assert (await service.post("/admin/update-user", body_, admin)).status == 403


async def test_id_of_a_user_stays(service: Service) -> None:
    admin = await sign_up_admin(service)
    bob = id_of(await service.sign_up(BOB))
    for data, code in (
        ({"id": "x"}, "USER_ID_CANNOT_BE_UPDATED"),
        ({"password": "x"}, "PASSWORD_CANNOT_BE_UPDATED_VIA_UPDATE_USER"),
    ):
        answer = await service.post("/admin/update-user", {"userId": bob, "data": data}, admin)
        assert answer.json()["code"] == code
    assert (await service.sign_in(BOB, PASSWORD)).status == 200
