"""What administrators do with users, and what is in the database then."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from app.plugins.admin.plugin import PLUGIN
from app.settings.options import EmailAndPasswordOptions
from tests.plugins.admin.people import ADMIN, BOB, OPTIONS, find, id_of, is_signed_in, sign_up_admin
from tests.support.plugins import plugged
from tests.support.service import PASSWORD, Service, browser
from tests.support.tables import accounts, users
from tests.system.original_schema import execute, make_original

pytestmark = pytest.mark.anyio

NEW = "another horse"


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with plugged(sqlite_url, PLUGIN, OPTIONS) as service:
        yield service


async def test_new_users_have_the_default_role(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        up = (await service.sign_up()).json()["user"]
        marks = [up[name] for name in ("role", "banned", "banReason", "banExpires")]
        assert marks == ["user", False, None, None]
        assert list(up)[-1] == "id"


async def test_created_user_signs_in_with_the_password(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        body = {"email": "Bob@Example.com", "name": "Bob", "password": NEW, "role": ["a", "b"]}
        made = await service.post("/admin/create-user", body, admin)
        assert made.json()["user"]["role"] == "a,b"
        assert made.header_list("set-cookie") == []
        assert (await service.sign_in(BOB, NEW)).status == 200


async def test_user_without_a_password_has_no_account(service: Service) -> None:
    admin = await sign_up_admin(service)
    await service.post("/admin/create-user", {"email": BOB, "name": "Bob"}, admin)
    assert len(await service.rows(accounts)) == 1
    assert (await service.sign_in(BOB, "")).status == 401


async def test_one_of_two_creations_at_once_succeeds(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        body = {"email": BOB, "name": "Bob", "password": NEW}
        both = [service.post("/admin/create-user", body, admin) for _ in range(2)]
        statuses = sorted(each.status for each in await asyncio.gather(*both))
        assert statuses in ([200, 400], [200, 422])
        assert len(await service.rows(users)) == 2
        assert len(await service.rows(accounts)) == 2


@pytest.mark.parametrize("data", [{"banned": "yes"}, {"emailVerified": 1}, {"banExpires": "soon"}])
async def test_values_of_wrong_types_are_refused(service: Service, data: object) -> None:
    admin = await sign_up_admin(service)
    bob = id_of(await service.sign_up(BOB))
    before = await service.rows(users)
    for path, more in (
        ("/admin/update-user", {"userId": bob}),
        ("/admin/create-user", {"email": "x@example.com", "name": "X"}),
    ):
        answer = await service.post(path, {**more, "data": data}, admin)
        assert (answer.status, answer.json()["code"]) == (400, "VALIDATION_ERROR")
        assert answer.json()["message"].startswith("[body.data.")
    assert await service.rows(users) == before


async def test_set_password_replaces_the_old_one(service: Service) -> None:
    admin = await sign_up_admin(service)
    bob = await service.sign_up(BOB)
    body = {"userId": id_of(bob), "newPassword": NEW}
    assert (await service.post("/admin/set-user-password", body, admin)).status == 200
    assert (await service.sign_in(BOB, PASSWORD)).status == 401
    assert (await service.sign_in(BOB, NEW)).status == 200
    assert await is_signed_in(service, browser(bob))  # as in the original


async def test_set_password_ends_the_sessions_if_a_reset_does(sqlite_url: str) -> None:
    revoking = EmailAndPasswordOptions(revoke_sessions_on_password_reset=True)
    async with plugged(sqlite_url, PLUGIN, OPTIONS, email_and_password=revoking) as service:
        admin = await sign_up_admin(service)
        bob = await service.sign_up(BOB)
        for user_id in (id_of(bob), (await find(service, ADMIN))["id"]):
            body = {"userId": user_id, "newPassword": NEW}
            assert (await service.post("/admin/set-user-password", body, admin)).status == 200
        assert not await is_signed_in(service, browser(bob))
        assert await is_signed_in(service, admin)


async def test_removed_user_is_gone_with_sessions_and_accounts(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        bob = await service.sign_up(BOB)
        body = {"userId": id_of(bob)}
        assert (await service.post("/admin/remove-user", body, admin)).status == 200
        assert not await is_signed_in(service, browser(bob))
        assert [row["email"] for row in await service.rows(users)] == [ADMIN]
        assert len(await service.rows(accounts)) == 1


async def test_own_session_that_is_revoked_takes_its_cookies_along(service: Service) -> None:
    admin = await sign_up_admin(service)
    body = {"userId": (await find(service, ADMIN))["id"]}
    ended = await service.post("/admin/revoke-user-sessions", body, admin)
    assert all("Max-Age=0" in line for line in ended.header_list("set-cookie"))
    assert not await is_signed_in(service, admin)


async def search(service: Service, query: str, admin: Sequence[tuple[str, str]]) -> object:
    return (await service.get(f"/admin/list-users?{query}", admin)).json()


@pytest.mark.parametrize(
    "query",
    [
        "filterField=password&filterValue=x",
        "filterField=unknown&filterValue=x",
        "sortBy=unknown",
        "sortBy=email%22;DROP%20TABLE%20user",
        "limit=1e400",
        "limit=99999999999999999999",
        "offset=1.5",
        "filterField=banExpires&filterValue=soon&filterOperator=gt",
        "filterField=email&filterValue=a&filterOperator=in",
    ],
)
async def test_query_that_makes_no_sense_finds_nobody(database_url: str, query: str) -> None:
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        assert await search(service, query, admin) == {"users": [], "total": 0}
        assert len(await service.rows(users)) == 1


async def test_page_has_what_matches_and_the_count_of_all(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        for name in "abc":
            await service.sign_up(f"{name}@found.example", name=name.upper())
        query = "searchValue=@found&sortBy=email&sortDirection=desc&limit=2&offset=1"
        page = (await service.get(f"/admin/list-users?{query}", admin)).json()
        assert [user["email"][0] for user in page["users"]] == ["b", "a"]
        assert (page["total"], page["limit"], page["offset"]) == (3, 2, 1)
        for query, total in (
            ("filterField=name&filterValue=A&filterValue=C&filterOperator=in", 2),
            ("filterField=banned&filterValue=false", 4),
            ("filterField=emailVerified&filterValue=true", 0),
            ("filterField=role&filterValue=admin&filterOperator=ne", 3),
            ("searchField=name&searchValue=B&searchOperator=starts_with", 1),
            ("filterField=createdAt&filterValue=2000-01-01T00:00:00.000Z&filterOperator=gt", 4),
        ):
            found = (await service.get(f"/admin/list-users?{query}", admin)).json()
            assert (len(found["users"]), found["total"]) == (total, total), query


async def test_id_that_no_database_stores_is_nobodys(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        assert (await service.get("/admin/get-user?id=%00", admin)).status == 404
        for path, more in (
            ("/admin/set-role", {"role": "user"}),
            ("/admin/update-user", {"data": {"name": "X"}}),
            ("/admin/ban-user", {}),
            ("/admin/unban-user", {}),
            ("/admin/impersonate-user", {}),
            ("/admin/remove-user", {}),
            ("/admin/set-user-password", {"newPassword": PASSWORD}),
        ):
            answer = await service.post(path, {"userId": "\0", **more}, admin)
            assert (answer.status, answer.json()["code"]) == (404, "USER_NOT_FOUND")
        body = {"userId": "\0"}
        listed = await service.post("/admin/list-user-sessions", body, admin)
        assert listed.json() == {"sessions": []}
        assert (await service.post("/admin/revoke-user-sessions", body, admin)).status == 200


async def test_administrator_is_the_same_in_every_spelling_of_a_uuid(
    empty_postgres_url: str,
) -> None:
    url = empty_postgres_url
    await make_original(url)
    await execute(url, 'DELETE FROM "user"')
    for table, column in (("session", "userId"), ("account", "userId"), ("user", "id")):
        await execute(url, f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{table}_userId_fkey"')
        await execute(
            url, f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE uuid USING "{column}"::uuid'
        )
    async with plugged(url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        own = str((await find(service, ADMIN))["id"])
        for path, more, code in (
            ("/admin/ban-user", {}, "YOU_CANNOT_BAN_YOURSELF"),
            ("/admin/update-user", {"data": {"banned": True}}, "YOU_CANNOT_BAN_YOURSELF"),
            ("/admin/remove-user", {}, "YOU_CANNOT_REMOVE_YOURSELF"),
        ):
            answer = await service.post(path, {"userId": own.upper(), **more}, admin)
            assert (answer.status, answer.json()["code"]) == (400, code)
