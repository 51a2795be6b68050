"""/verify-email, opened to verify an address."""

from datetime import datetime

import pytest

from app.auth.email_verification.link_tokens import LinkClaims
from app.auth.sessions.guard import Guard, Identity
from app.settings.options import EmailVerificationOptions
from app.storage.database import Database
from app.web.http.headers import Headers
from tests.support.service import EMAIL, browser, cookies, from_now, serve
from tests.support.tables import sessions, users

from .linking import ANYBODY, SIGNS_IN, follow, mailing, prove

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

ADA = LinkClaims(ANYBODY, EMAIL)
VERIFIED = {"status": True, "user": None}
NO_USER = {"message": "User not found", "code": "USER_NOT_FOUND"}


@pytest.mark.engines("sqlite", "postgres")
async def test_link_verifies_the_address(database: Database) -> None:
    service, outgoing = await mailing(database)
    await service.sign_up()
    await service.alter(users, updatedAt=from_now(days=-1))
    await service.post("/send-verification-email", {"email": EMAIL})
    token = outgoing.link().partition("token=")[2].partition("&")[0]
    answer = await service.get(f"/verify-email?token={token}")
    assert (answer.status, answer.json()) == (200, VERIFIED)
    (user,) = await service.rows(users)
    assert user["emailVerified"] is True
    assert user["updatedAt"] > from_now(minutes=-1)


async def test_link_can_be_opened_again(database: Database) -> None:
    service = await serve(database, email_verification=SIGNS_IN)
    await service.sign_up()
    first, second = await prove(service, ADA), await prove(service, ADA)
    assert first.json() == second.json() == VERIFIED
    assert first.header_list("set-cookie") != []
    assert second.header_list("set-cookie") == []


async def test_link_leads_on(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    answer = await prove(service, ADA, callback_url="/done?a=1%23h")
    assert (answer.status, answer.header("location")) == (302, "/done?a=1#h")
    assert (answer.body, answer.header("content-type")) == (b"", "application/json")
    again = await prove(service, ADA, callback_url="http://localhost:3000/done")
    assert again.header("location") == "http://localhost:3000/done"


async def test_link_signs_nobody_in_by_itself(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    held = await service.rows(sessions)
    assert (await prove(service, ADA)).header_list("set-cookie") == []
    assert await service.rows(sessions) == held


async def test_link_signs_in_where_the_settings_say_so(database: Database) -> None:
    service = await serve(database, email_verification=SIGNS_IN)
    await service.sign_up()
    opened = await prove(service, ADA, callback_url="/in")
    assert (opened.status, opened.header("location")) == (302, "/in")
    assert opened.header("set-auth-token") is not None
    current = await service.get("/get-session", browser(opened))
    assert current.json()["user"]["emailVerified"] is True
    assert len(await service.rows(sessions)) == 2


@pytest.mark.engines("sqlite", "postgres")
async def test_link_of_a_user_who_goes_meanwhile_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database, email_verification=SIGNS_IN)
    await service.sign_up()
    find_session = Guard.find_session

    async def gone(guard: Guard, headers: Headers, now: datetime) -> Identity:
        await service.execute('DELETE FROM "user"')
        return await find_session(guard, headers, now)

    monkeypatch.setattr(Guard, "find_session", gone)
    answer = await prove(service, ADA)
    assert (answer.status, answer.json()) == (401, NO_USER)


async def test_link_keeps_the_session_of_its_user(database: Database) -> None:
    service = await serve(database, email_verification=SIGNS_IN)
    signed_up = await service.sign_up()
    opened = await prove(service, ADA, browser(signed_up))
    assert cookies(opened) == cookies(signed_up)
    assert len(await service.rows(sessions)) == 1


async def test_link_keeps_a_session_that_ends_with_the_browser(database: Database) -> None:
    service = await serve(database, email_verification=SIGNS_IN)
    signed_up = await service.sign_up(rememberMe=False)
    opened = await prove(service, ADA, browser(signed_up))
    assert opened.header_list("set-cookie") == signed_up.header_list("set-cookie")


async def test_link_takes_the_place_of_another_users_session(database: Database) -> None:
    service = await serve(database, email_verification=SIGNS_IN)
    await service.sign_up()
    bob = await service.sign_up("bob@example.com")
    opened = await prove(service, ADA, browser(bob))
    current = await service.get("/get-session", browser(opened))
    assert current.json()["user"]["email"] == EMAIL


@pytest.mark.parametrize("column", ["banned", "twoFactorEnabled"])
async def test_guarded_user_is_verified_but_not_signed_in(database: Database, column: str) -> None:
    await (await serve(database)).sign_up()
    kind = "integer" if database.dialect == "sqlite" else "boolean"
    async with database.begin() as tx:
        await tx.exec_driver_sql(f'ALTER TABLE "user" ADD COLUMN "{column}" {kind}')
    service = await serve(database, email_verification=SIGNS_IN)
    await service.execute(f'UPDATE "user" SET "{column}" = CAST(1 AS {kind})')
    opened = await prove(service, ADA)
    assert (opened.status, opened.json()) == (200, VERIFIED)
    assert opened.header_list("set-cookie") == []
    assert len(await service.rows(sessions)) == 1


async def test_link_expires(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    answer = await prove(service, ADA, age=3601)
    assert (answer.status, answer.json()) == (
        401,
        {"message": "Token expired", "code": "TOKEN_EXPIRED"},
    )
    (user,) = await service.rows(users)
    assert user["emailVerified"] is False


async def test_setting_says_how_long_a_link_works(sqlite_database: Database) -> None:
    options = EmailVerificationOptions(expires_in=1)
    service, outgoing = await mailing(sqlite_database, email_verification=options)
    await service.sign_up()
    await service.post("/send-verification-email", {"email": EMAIL, "callbackURL": "/x"})
    answer = await follow(service, outgoing.link())
    while answer.header("location") == "/x":
        answer = await follow(service, outgoing.link())
    assert answer.header("location") == "/x?error=TOKEN_EXPIRED"


async def test_address_that_nobody_has_is_no_user(database: Database) -> None:
    service = await serve(database)
    answer = await prove(service, ADA)
    assert (answer.status, answer.json()) == (401, NO_USER)


@pytest.mark.parametrize(
    ("callback_url", "location"),
    [
        ("/x?y=1%23h", "/x?y=1&error=INVALID_TOKEN#h"),
        ("http://localhost:3000/x", "http://localhost:3000/x?error=INVALID_TOKEN"),
        ("/%E6%97%A5", "/%E6%97%A5?error=INVALID_TOKEN"),
    ],
)
async def test_failure_is_told_to_the_page_that_the_link_leads_to(
    sqlite_database: Database, callback_url: str, location: str
) -> None:
    service = await serve(sqlite_database)
    answer = await service.get(f"/verify-email?token=abc&callbackURL={callback_url}")
    assert (answer.status, answer.header("location"), answer.body) == (302, location, b"")


async def test_link_leads_to_trusted_places_only(sqlite_database: Database) -> None:
    service = await serve(sqlite_database)
    await service.sign_up()
    answer = await prove(service, ADA, callback_url="https://evil.example")
    assert (answer.status, answer.json()["code"]) == (403, "INVALID_CALLBACK_URL")
    (user,) = await service.rows(users)
    assert user["emailVerified"] is False


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "[query.token] Invalid input: expected string, received undefined"),
        ("?token=a&token=b", "[query.token] Invalid input: expected string, received array"),
        (
            "?token=a&callbackURL=/a&callbackURL=/b",
            "[query.callbackURL] Invalid input: expected string, received array",
        ),
    ],
)
async def test_query_of_another_shape_is_refused(
    sqlite_database: Database, query: str, message: str
) -> None:
    service = await serve(sqlite_database)
    answer = await service.get(f"/verify-email{query}")
    assert (answer.status, answer.json()) == (
        400,
        {"message": message, "code": "VALIDATION_ERROR"},
    )


async def test_access_token_verifies_nothing(database: Database) -> None:
    """In the original every HS256 JWT of the secret that names an address does."""
    service = await serve(database)
    ada = browser(await service.sign_up())
    token = (await service.get("/token", ada)).json()["token"]
    answer = await service.get(f"/verify-email?token={token}")
    assert (answer.status, answer.json()["code"]) == (401, "INVALID_TOKEN")
    (user,) = await service.rows(users)
    assert user["emailVerified"] is False
