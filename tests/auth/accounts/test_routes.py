"""The accounts of a user, as a client of the whole application sees them."""

import asyncio

import pytest
from sqlalchemy import insert

from app.settings.options import AccountLinkingOptions, AccountOptions, SessionOptions
from app.storage.database import Database
from tests.support.asgi import Answer
from tests.support.service import Service, bearer, browser, from_now, serve
from tests.support.tables import accounts, sessions

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

EVE = "eve@example.com"
UNAUTHORIZED = {"message": "Unauthorized", "code": "UNAUTHORIZED"}
MISSING = {"message": "Account not found", "code": "ACCOUNT_NOT_FOUND"}
LAST = {"message": "You can't unlink your last account", "code": "FAILED_TO_UNLINK_LAST_ACCOUNT"}
KEYS = ["accountId", "providerId", "userId", "createdAt", "updatedAt", "id", "scopes"]
TOKENS = ["/get-access-token", "/refresh-token"]
ALL = AccountOptions(account_linking=AccountLinkingOptions(allow_unlinking_all=True))


async def link(service: Service, signed_in: Answer, name: str = "google") -> str:
    """An account as a Node server with social providers keeps it; its row id."""
    moment = from_now(days=-1)
    row = {
        "id": f"row-{name}",
        "accountId": f"{name}-17",
        "providerId": name,
        "userId": signed_in.json()["user"]["id"],
        "accessToken": "s3cret",
        "refreshToken": "s3cret",
        "idToken": "s3cret",
        "scope": " openid, email,,profile",
        "createdAt": moment,
        "updatedAt": moment,
    }
    async with service.database.begin() as tx:
        await tx.execute(insert(accounts).values(row))
    return f"row-{name}"


async def own_id(service: Service, signed_in: Answer) -> str:
    listed = (await service.get("/list-accounts", browser(signed_in))).json()
    return str(next(each["id"] for each in listed if each["providerId"] == "credential"))


async def unlink(service: Service, signed_in: Answer, account_id: str) -> Answer:
    return await service.post("/unlink-account", {"accountId": account_id}, browser(signed_in))


async def test_list_holds_what_the_caller_signs_in_with_and_no_secrets(database: Database) -> None:
    service = await serve(database)
    ada, _ = await service.sign_up(), await service.sign_up(EVE)
    await link(service, ada)
    answer = await service.get("/list-accounts", browser(ada))
    assert answer.status == 200
    assert "s3cret" not in answer.body.decode()
    assert "argon2" not in answer.body.decode()
    assert [list(each) for each in answer.json()] == [KEYS, KEYS]
    own, google = sorted(answer.json(), key=lambda each: each["providerId"])
    user_id = ada.json()["user"]["id"]
    assert (own["accountId"], own["userId"], own["scopes"]) == (user_id, user_id, [])
    assert (google["accountId"], google["id"]) == ("google-17", "row-google")
    assert google["scopes"] == ["openid", "email", "profile"]
    assert own["createdAt"].endswith("Z")


async def test_list_needs_a_session_of_any_age(database: Database) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    answer = await service.get("/list-accounts")
    assert (answer.status, answer.json()) == (401, UNAUTHORIZED)
    await service.alter(sessions, createdAt=from_now(days=-2))
    assert (await service.get("/list-accounts", browser(ada))).status == 200
    assert (await service.get("/list-accounts", bearer(ada.json()["token"]))).status == 200


async def test_account_is_unlinked_by_its_row(database: Database) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    google = await link(service, ada)
    for wrong in ("google", "google-17", "x", "", "a\0b"):
        answer = await unlink(service, ada, wrong)
        assert (answer.status, answer.json()) == (400, MISSING)
    answer = await unlink(service, ada, google)
    assert (answer.status, answer.body) == (200, b'{"status":true}')
    assert [row["providerId"] for row in await service.rows(accounts)] == ["credential"]


async def test_last_account_stays(database: Database) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    for account_id in ("x", await own_id(service, ada)):
        answer = await unlink(service, ada, account_id)
        assert (answer.status, answer.json()) == (400, LAST)
    assert len(await service.rows(accounts)) == 1


async def test_last_account_goes_where_that_is_allowed(database: Database) -> None:
    service = await serve(database, account=ALL)
    ada = await service.sign_up()
    own = await own_id(service, ada)
    assert (await unlink(service, ada, "x")).json() == MISSING
    assert (await unlink(service, ada, own)).status == 200
    assert (await unlink(service, ada, own)).json() == MISSING
    assert (await service.get("/list-accounts", browser(ada))).json() == []
    assert (await service.sign_in()).status == 401


@pytest.mark.engines("sqlite", "postgres")
async def test_two_accounts_unlinked_at_a_time_leave_one(database: Database) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    both = [await own_id(service, ada), await link(service, ada)]
    answers = await asyncio.gather(*(unlink(service, ada, each) for each in both))
    assert sorted(answer.status for answer in answers) == [200, 400]
    assert len(await service.rows(accounts)) == 1


async def test_another_user_s_account_is_out_of_reach(database: Database) -> None:
    service = await serve(database, account=ALL)
    ada, eve = await service.sign_up(), await service.sign_up(EVE)
    adas = await own_id(service, ada)
    assert (await unlink(service, eve, adas)).json() == MISSING
    assert (await service.get(f"/account-info?accountId={adas}", browser(eve))).json() == MISSING
    for path in TOKENS:
        assert (await service.post(path, {"accountId": adas}, browser(eve))).json() == MISSING


@pytest.mark.parametrize("path", TOKENS)
async def test_user_is_the_session_s_whatever_the_body_says(database: Database, path: str) -> None:
    """GHSA-99h5-pjcv-gr6v."""
    service = await serve(database)
    ada, eve = await service.sign_up(), await service.sign_up(EVE)
    body = {"accountId": await own_id(service, ada), "userId": ada.json()["user"]["id"]}
    assert (await service.post(path, body, browser(eve))).json() == MISSING
    answer = await service.post(path, body)
    assert (answer.status, answer.body) == (401, b"")
    query = "&".join(f"{key}={value}" for key, value in body.items())
    assert (await service.get(f"/account-info?{query}", browser(eve))).json() == MISSING


async def test_unlinking_needs_a_session_that_began_lately(database: Database) -> None:
    service = await serve(database, session=SessionOptions(fresh_age=60))
    ada = await service.sign_up()
    await service.alter(sessions, createdAt=from_now(seconds=-61))
    answer = await unlink(service, ada, "x")
    assert (answer.status, answer.json()["code"]) == (403, "SESSION_NOT_FRESH")


async def test_account_of_no_offered_provider_gives_nothing(database: Database) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    rows = {"credential": await own_id(service, ada), "google": await link(service, ada)}
    for provider, row in rows.items():
        answer = await service.get(f"/account-info?accountId={row}", browser(ada))
        assert (answer.status, answer.json()["code"]) == (400, "PROVIDER_NOT_CONFIGURED")
        for path in TOKENS:
            answer = await service.post(path, {"accountId": row}, browser(ada))
            assert (answer.status, answer.json()) == (
                400,
                {
                    "message": f"Provider {provider} is not supported.",
                    "code": "PROVIDER_NOT_SUPPORTED",
                },
            )


@pytest.mark.parametrize("path", TOKENS)
async def test_nobody_is_a_401_without_a_body(database: Database, path: str) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(seconds=-1))
    nobody = [
        await service.post(path, {"accountId": "x"}),
        await service.get("/account-info?accountId=x"),
    ]
    for answer in nobody:
        assert (answer.status, answer.body) == (401, b"")
        assert answer.header_list("content-type") == ["application/json"]
    answer = await service.post(path, {"accountId": "x"}, browser(ada))
    assert (answer.status, len(answer.header_list("set-cookie"))) == (401, 3)


async def test_renewed_cookie_comes_with_refusals(sqlite_database: Database) -> None:
    service = await serve(sqlite_database)
    ada = await service.sign_up()
    for path in ("/unlink-account", *TOKENS):
        await service.alter(sessions, expiresAt=from_now(days=3))
        answer = await service.post(path, {"accountId": "x"}, browser(ada))
        assert answer.status == 400
        assert len(answer.header_list("set-cookie")) == 1
