"""/change-password and /verify-password, as a client of the whole application sees them."""

import asyncio

import pytest

from app.auth.passwords.hashing import Passwords
from app.settings.options import EmailAndPasswordOptions
from app.storage.database import Database
from tests.support.asgi import Answer, Json
from tests.support.service import PASSWORD, Service, bearer, browser, from_now, serve
from tests.support.tables import accounts, sessions

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

EVE = "eve@example.com"
NEW = "a better horse"
UNAUTHORIZED = {"message": "Unauthorized", "code": "UNAUTHORIZED"}
INVALID = {"message": "Invalid password", "code": "INVALID_PASSWORD"}
NOT_FOUND = {"message": "Credential account not found", "code": "CREDENTIAL_ACCOUNT_NOT_FOUND"}
BOTH = {"newPassword": NEW, "currentPassword": PASSWORD}


async def change(service: Service, signed_in: Answer, **fields: Json) -> Answer:
    return await service.post("/change-password", {**BOTH, **fields}, browser(signed_in))


async def verify(service: Service, signed_in: Answer, password: str) -> Answer:
    return await service.post("/verify-password", {"password": password}, browser(signed_in))


async def stored(service: Service) -> list[str]:
    return [row["password"] for row in await service.rows(accounts)]


@pytest.mark.engines("sqlite", "postgres")
async def test_changed_password_signs_in_and_the_old_one_does_not(database: Database) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    await service.alter(accounts, updatedAt=from_now(days=-1))
    answer = await change(service, ada)
    assert (answer.status, answer.json()) == (200, {"token": None, "user": ada.json()["user"]})
    assert answer.header_list("set-cookie") == []
    assert (await service.sign_in(password=NEW)).status == 200
    assert (await service.sign_in()).status == 401
    (account,) = await service.rows(accounts)
    assert account["updatedAt"] > from_now(minutes=-1)
    assert account["createdAt"] <= account["updatedAt"]


async def test_other_sessions_go_on_unless_they_are_to_end(database: Database) -> None:
    service = await serve(database)
    ada, elsewhere = await service.sign_up(), await service.sign_in()
    await change(service, ada)
    for each in (ada, elsewhere):
        assert (await service.get("/get-session", browser(each))).json() is not None


@pytest.mark.parametrize("remember", [True, False])
async def test_every_session_ends_and_a_new_one_starts(
    database: Database, *, remember: bool
) -> None:
    service = await serve(database)
    await service.sign_up()
    eve, ada = await service.sign_up(EVE), await service.sign_in(rememberMe=remember)
    answer = await change(service, ada, revokeOtherSessions=True)
    token = answer.json()["token"]
    rows = await service.rows(sessions)
    assert {row["token"] for row in rows} == {token, eve.json()["token"]}
    assert (await service.get("/get-session", browser(ada))).json() is None
    assert (await service.get("/get-session", browser(answer))).json()["session"]["token"] == token
    names = [line.partition("=")[0] for line in answer.header_list("set-cookie")]
    forgetful = [] if remember else ["better-auth.dont_remember"]
    assert names == ["better-auth.session_token", *forgetful]
    assert ("Max-Age" in answer.header_list("set-cookie")[0]) is remember
    assert answer.header_list("set-auth-token") != []
    (row,) = (row for row in rows if row["token"] == token)
    assert row["expiresAt"] > from_now(days=6)


async def test_cookie_of_the_new_session_comes_after_that_of_a_renewed_one(
    database: Database,
) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(days=3))
    answer = await change(service, ada, revokeOtherSessions=True)
    old, new = answer.header_list("set-cookie")
    assert old == ada.header_list("set-cookie")[0]
    assert f"session_token={answer.json()['token']}." in new
    (told,) = answer.header_list("set-auth-token")
    assert told.startswith(answer.json()["token"])


async def test_bearer_client_changes_its_password(database: Database) -> None:
    service = await serve(database)
    token = (await service.sign_up()).json()["token"]
    answer = await service.post("/change-password", BOTH, bearer(token))
    assert answer.status == 200


@pytest.mark.parametrize(
    ("new", "current", "code"),
    [
        ("short", "x" * 129, "PASSWORD_TOO_SHORT"),
        ("x" * 129, "x" * 129, "PASSWORD_TOO_LONG"),
        (NEW, "x" * 129, "PASSWORD_TOO_LONG"),
        (NEW, "wrong", "INVALID_PASSWORD"),
        (NEW, "", "INVALID_PASSWORD"),
        ("", "", "PASSWORD_TOO_SHORT"),
    ],
)
async def test_first_fault_in_the_original_s_order_decides(
    database: Database, new: str, current: str, code: str
) -> None:
    service = await serve(database)
    ada, before = await service.sign_up(), await stored(service)
    answer = await change(service, ada, newPassword=new, currentPassword=current)
    assert (answer.status, answer.json()["code"]) == (400, code)
    assert await stored(service) == before


async def test_too_long_passwords_are_refused_before_any_hash(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(sqlite_database)
    ada = await service.sign_up()
    monkeypatch.setattr(Passwords, "_run", None)
    for fields in ({"newPassword": "x" * 129}, {"currentPassword": "x" * 129}):
        assert (await change(service, ada, **fields)).json()["code"] == "PASSWORD_TOO_LONG"
    assert (await verify(service, ada, "x" * 129)).json()["code"] == "PASSWORD_TOO_LONG"


async def test_bounds_are_those_that_are_set(sqlite_database: Database) -> None:
    rules = EmailAndPasswordOptions(min_password_length=12, max_password_length=14)
    service = await serve(sqlite_database, email_and_password=rules)
    ada = await service.sign_up(password="x" * 12)
    for length, status in ((11, 400), (15, 400), (14, 200)):
        given = {"newPassword": "y" * length, "currentPassword": "x" * 12}
        assert (await change(service, ada, **given)).status == status


@pytest.mark.engines("sqlite", "postgres")
async def test_user_without_a_password_has_none_to_change_or_verify(database: Database) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    for values in ({"password": None}, {"providerId": "google", "password": "x"}):
        await service.alter(accounts, **values)
        answer = await change(service, ada)
        assert (answer.status, answer.json()) == (400, NOT_FOUND)
        answer = await verify(service, ada, PASSWORD)
        assert (answer.status, answer.json()) == (400, INVALID)


@pytest.mark.engines("sqlite", "postgres")
async def test_password_changed_during_the_check_stays_and_the_answer_is_401(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    hashed = Passwords.hash

    async def change_first(pool: Passwords, password: str, path: str) -> str:
        await service.alter(accounts, password="changed meanwhile")
        return await hashed(pool, password, path)

    monkeypatch.setattr(Passwords, "hash", change_first)
    answer = await change(service, ada, revokeOtherSessions=True)
    assert (answer.status, answer.json()) == (401, UNAUTHORIZED)
    assert await stored(service) == ["changed meanwhile"]
    assert [row["token"] for row in await service.rows(sessions)] == [ada.json()["token"]]


@pytest.mark.engines("sqlite", "postgres")
async def test_of_parallel_changes_one_wins(database: Database) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    wanted = [f"password number {n}" for n in range(4)]
    answers = await asyncio.gather(
        *(change(service, ada, newPassword=each, revokeOtherSessions=True) for each in wanted)
    )
    statuses = [answer.status for answer in answers]
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 400, 401}
    winner = wanted[statuses.index(200)]
    assert (await service.sign_in(password=winner)).status == 200
    tokens = {row["token"] for row in await service.rows(sessions)}
    assert answers[statuses.index(200)].json()["token"] in tokens
    assert len(tokens) == 2


async def test_sign_in_with_the_password_that_was_just_changed_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    matches = Passwords.verify

    async def change_after(pool: Passwords, password: str, hashed: str | None) -> bool:
        matching = await matches(pool, password, hashed)
        monkeypatch.setattr(Passwords, "verify", matches)
        assert (await change(service, ada, revokeOtherSessions=True)).status == 200
        return matching

    monkeypatch.setattr(Passwords, "verify", change_after)
    answer = await service.sign_in()
    assert (answer.status, answer.json()["code"]) == (401, "INVALID_EMAIL_OR_PASSWORD")
    assert len(await service.rows(sessions)) == 1


async def test_session_in_the_body_s_name_of_another_user_is_nobody_s(database: Database) -> None:
    """GHSA-99h5-pjcv-gr6v: the user is the session's, whatever the body says."""
    service = await serve(database)
    ada, eve = await service.sign_up(), await service.sign_up(EVE, password="eve's password")
    eve_s = {"currentPassword": "eve's password", "userId": ada.json()["user"]["id"]}
    assert (await change(service, eve, **eve_s)).status == 200
    assert (await service.sign_in()).status == 200
    assert (await service.sign_in(EVE, NEW)).status == 200


async def test_verify_password_tells_right_from_wrong(database: Database) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    answer = await verify(service, ada, PASSWORD)
    assert (answer.status, answer.body) == (200, b'{"status":true}')
    for wrong in ("", "wrong", f"{PASSWORD} "):
        answer = await verify(service, ada, wrong)
        assert (answer.status, answer.json()) == (400, INVALID)


@pytest.mark.parametrize("path", ["/change-password", "/verify-password"])
async def test_body_is_judged_before_the_session(sqlite_database: Database, path: str) -> None:
    service = await serve(sqlite_database)
    right = {**BOTH, "password": PASSWORD}
    assert (await service.post(path, {})).json()["code"] == "VALIDATION_ERROR"
    answer = await service.post(path, right)
    assert (answer.status, answer.json()) == (401, UNAUTHORIZED)
    ada = await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(seconds=-1))
    answer = await service.post(path, right, browser(ada))
    assert (answer.status, len(answer.header_list("set-cookie"))) == (401, 3)


@pytest.mark.parametrize("refused", [False, True])
async def test_renewed_cookie_comes_with_refusals_too(database: Database, *, refused: bool) -> None:
    service = await serve(database)
    ada = await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(days=3))
    answer = await verify(service, ada, "wrong" if refused else PASSWORD)
    assert answer.status == (400 if refused else 200)
    assert [line.partition("=")[0] for line in answer.header_list("set-cookie")] == [
        "better-auth.session_token"
    ]


async def test_set_password_is_no_route(sqlite_database: Database) -> None:
    """The original offers it to its own process alone; so it does not exist over HTTP."""
    service = await serve(sqlite_database)
    ada = await service.sign_up()
    answer = await service.post("/set-password", {"newPassword": NEW}, browser(ada))
    assert (answer.status, answer.body, answer.header("content-type")) == (404, b"", None)
