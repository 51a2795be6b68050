"""Roles, bans and impersonation that one server sets, at the other."""

from collections.abc import Iterator

import pytest

from tests.system.parity.options import Setup
from tests.system.parity.servers import NewPlace, Pair
from tests.system.parity.side import Caller, Side

from .together import at, either, in_order, together

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def pair(new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("admin")
    with together(
        Setup({"plugins": ["admin"]}), new_place(folder), folder, cheap_hashes=True
    ) as started:
        yield started


@pytest.fixture(scope="module")
def pair_with_redis(
    new_place: NewPlace, new_redis: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("admin in redis")
    setup = Setup({"plugins": ["admin"], "secondaryStorage": True})
    with together(setup, new_place(folder), folder, new_redis, cheap_hashes=True) as started:
        yield started


async def administrator(side: Side, email: str) -> Caller:
    await side.signed_up(email)
    await side.sql('UPDATE "user" SET role = ? WHERE email = ?', "admin", email)
    admin = side.browser()
    await admin.sign_in(email)
    return admin


async def id_of(side: Side, email: str) -> str:
    (row,) = await side.sql('SELECT id FROM "user" WHERE email = ?', email)
    return str(row["id"])


async def is_signed_in(browser: Caller) -> bool:
    return (await browser.get("/get-session")).json is not None


async def judge_bans(pair: Pair, first: str) -> None:
    """One bans, and both refuse; one lifts the ban, and both let the user in."""
    here, there = in_order(pair, first)
    admin = await administrator(here, f"admin-{first}@example.com")
    email = f"banned-{first}@example.com"
    phone = await there.signed_up(email)
    user_id = await id_of(here, email)
    await admin.post("/admin/ban-user", {"userId": user_id, "banReason": "Spam"})
    assert not await is_signed_in(phone)
    assert not await is_signed_in(at(here, phone))
    for side in (here, there):
        refused = await side.browser().sign_in(email)
        assert (refused.status, refused.json["code"]) == (403, "BANNED_USER")
    lifted = await at(there, admin).post("/admin/unban-user", {"userId": user_id})
    assert lifted.json["user"]["banned"] is False
    for side in (here, there):
        assert (await side.browser().sign_in(email)).status == 200


@either
async def test_ban_of_one_server_refuses_at_the_other(pair: Pair, first: str) -> None:
    await judge_bans(pair, first)


@either
async def test_ban_ends_sessions_in_a_redis_that_both_have(
    pair_with_redis: Pair, first: str
) -> None:
    await judge_bans(pair_with_redis, first)


@either
async def test_ban_that_expires_is_lifted_by_the_other(pair: Pair, first: str) -> None:
    here, there = in_order(pair, first)
    admin = await administrator(here, f"lifter-{first}@example.com")
    email = f"lifted-{first}@example.com"
    await there.signed_up(email)
    user_id = await id_of(here, email)
    body = {"userId": user_id, "banReason": "Late", "banExpiresIn": 3600}
    await admin.post("/admin/ban-user", body)
    assert (await there.browser().sign_in(email)).status == 403
    await admin.post("/admin/ban-user", {**body, "banExpiresIn": -1})
    laptop = there.browser()
    assert (await laptop.sign_in(email)).status == 200
    user = (await laptop.get("/get-session")).json["user"]
    assert (user["banned"], user["banReason"], user["banExpires"]) == (False, None, None)
    assert (await here.browser().sign_in(email)).status == 200


@either
async def test_role_of_one_server_counts_at_the_other(pair: Pair, first: str) -> None:
    here, there = in_order(pair, first)
    admin = await administrator(here, f"giver-{first}@example.com")
    email = f"given-{first}@example.com"
    browser = await there.signed_up(email)
    user_id = await id_of(here, email)
    assert (await browser.get("/admin/list-users")).status == 403
    await admin.post("/admin/set-role", {"userId": user_id, "role": ["user", "admin"]})
    assert (await browser.get("/admin/list-users")).status == 200
    found = await at(here, browser).get(f"/admin/get-user?id={user_id}")
    assert found.json == (await browser.get(f"/admin/get-user?id={user_id}")).json
    await at(there, admin).post("/admin/set-role", {"userId": user_id, "role": "user"})
    assert (await at(here, browser).get("/admin/list-users")).status == 403


@either
async def test_impersonation_that_one_began_the_other_ends(pair: Pair, first: str) -> None:
    here, there = in_order(pair, first)
    email = f"boss-{first}@example.com"
    admin = await administrator(here, email)
    worker = f"worker-{first}@example.com"
    own = await there.signed_up(worker)
    await admin.post("/admin/impersonate-user", {"userId": await id_of(here, worker)})
    as_worker = at(there, admin)
    assert (await as_worker.get("/get-session")).json["user"]["email"] == worker
    assert len((await own.get("/list-sessions")).json) == 1
    back = await as_worker.post("/admin/stop-impersonating", {})
    assert back.json["user"]["email"] == email
    assert (await at(here, as_worker).get("/get-session")).json["user"]["email"] == email
    assert not await is_signed_in(admin)


@either
async def test_password_that_one_sets_signs_in_at_both(pair: Pair, first: str) -> None:
    here, there = in_order(pair, first)
    admin = await administrator(here, f"setter-{first}@example.com")
    email = f"forgot-{first}@example.com"
    body = {"email": email, "name": "Forgot", "role": "user"}
    made = await at(there, admin).post("/admin/create-user", body)
    new = "another horse battery"
    user_id = made.json["user"]["id"]
    await admin.post("/admin/set-user-password", {"userId": user_id, "newPassword": new})
    for side in (here, there):
        assert (await side.browser().sign_in(email, password=new)).status == 200
