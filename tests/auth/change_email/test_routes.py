"""/change-email."""

import asyncio

import pytest

from app.auth.users.users import Users
from app.auth.verifications.database import DatabaseVerifications
from app.models.errors import StoreUnavailable
from app.storage.database import Database
from tests.auth.email_verification.linking import changing, follow, mailing
from tests.support.asgi import Answer
from tests.support.service import EMAIL, Service, browser, cookies, from_now, serve
from tests.support.tables import users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

NEW = "new@example.com"
DONE = {"status": True}
AT_ONCE = changing(update_email_without_verification=True)
ASKS_OLD = changing(send_change_email_confirmation=True)


async def change(service: Service, signed_up: Answer, email: str = NEW, **body: str) -> Answer:
    return await service.post("/change-email", {"newEmail": email, **body}, browser(signed_up))


async def email_of(service: Service) -> tuple[str, bool]:
    (user,) = await service.rows(users)
    return user["email"], user["emailVerified"]


async def test_address_changes_when_the_new_one_is_proven(database: Database) -> None:
    service, outgoing = await mailing(database, user=changing())
    signed_up = await service.sign_up()
    await service.alter(users, emailVerified=True)
    answer = await change(service, signed_up, "New@Example.com", callbackURL="/changed")
    assert (answer.status, answer.json()) == (200, DONE)
    assert answer.header_list("set-cookie") == []
    assert [message.to for message in outgoing.messages] == [NEW]
    assert await email_of(service) == (EMAIL, True)
    opened = await follow(service, outgoing.link(), browser(signed_up))
    assert (opened.status, opened.header("location")) == (302, "/changed")
    assert await email_of(service) == (NEW, True)


async def test_old_address_is_asked_first_where_the_settings_say_so(database: Database) -> None:
    service, outgoing = await mailing(database, user=ASKS_OLD)
    signed_up = await service.sign_up()
    await service.alter(users, emailVerified=True)
    assert (await change(service, signed_up, callbackURL="/changed")).json() == DONE
    assert [message.to for message in outgoing.messages] == [EMAIL]
    asked = await follow(service, outgoing.link())
    assert (asked.status, asked.header("location")) == (302, "/changed")
    assert [message.to for message in outgoing.messages] == [EMAIL, NEW]
    assert await email_of(service) == (EMAIL, True)
    assert (await follow(service, outgoing.link())).header("location") == "/changed"
    assert await email_of(service) == (NEW, True)


async def test_one_confirmation_sends_one_mail(database: Database) -> None:
    """Whoever had the link could send a stranger as many as they liked."""
    service, outgoing = await mailing(database, user=ASKS_OLD)
    signed_up = await service.sign_up()
    await service.alter(users, emailVerified=True)
    await change(service, signed_up, callback_url="/changed")
    asked = outgoing.link()
    answers = await asyncio.gather(*(follow(service, asked) for _ in range(10)))
    assert {(answer.status, answer.header("location")) for answer in answers} == {(302, "/")}
    assert [message.to for message in outgoing.messages] == [EMAIL, NEW]
    await change(service, signed_up)
    await follow(service, outgoing.link())
    assert [message.to for message in outgoing.messages] == [EMAIL, NEW, EMAIL, NEW]


async def test_store_that_fails_leaves_a_confirmation_good(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, outgoing = await mailing(database, user=ASKS_OLD)
    signed_up = await service.sign_up()
    await service.alter(users, emailVerified=True)
    await change(service, signed_up)

    async def away(*_: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as failing:
        failing.setattr(DatabaseVerifications, "_take", away)
        assert (await follow(service, outgoing.link())).status == 503
    await follow(service, outgoing.link())
    assert [message.to for message in outgoing.messages] == [EMAIL, NEW]


async def test_unverified_address_is_not_asked(database: Database) -> None:
    service, outgoing = await mailing(database, user=ASKS_OLD)
    await change(service, await service.sign_up())
    assert [message.to for message in outgoing.messages] == [NEW]


async def test_unverified_address_changes_at_once_where_the_settings_say_so(
    database: Database,
) -> None:
    service, outgoing = await mailing(database, user=AT_ONCE)
    signed_up = await service.sign_up()
    answer = await change(service, signed_up, callbackURL="/proven")
    assert (answer.status, answer.json()) == (200, DONE)
    assert answer.header_list("set-cookie") == signed_up.header_list("set-cookie")
    assert await email_of(service) == (NEW, False)
    assert [message.to for message in outgoing.messages] == [NEW]
    assert (await follow(service, outgoing.link())).header("location") == "/proven"
    assert await email_of(service) == (NEW, True)


async def test_verified_address_never_changes_at_once(database: Database) -> None:
    service, outgoing = await mailing(database, user=AT_ONCE)
    signed_up = await service.sign_up()
    await service.alter(users, emailVerified=True)
    assert (await change(service, signed_up)).json() == DONE
    assert await email_of(service) == (EMAIL, True)
    assert [message.to for message in outgoing.messages] == [NEW]


async def test_address_can_change_at_once_without_a_mail_server(database: Database) -> None:
    service = await serve(database, user=AT_ONCE)
    signed_up = await service.sign_up(rememberMe=False)
    answer = await change(service, signed_up)
    assert answer.header_list("set-cookie") == signed_up.header_list("set-cookie")
    assert await email_of(service) == (NEW, False)


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("verified", [True, False])
async def test_taken_address_reads_like_a_free_one(database: Database, verified: bool) -> None:
    service, outgoing = await mailing(database, user=ASKS_OLD)
    await service.sign_up(NEW)
    signed_up = await service.sign_up()
    await service.alter(users, emailVerified=verified)
    taken = await change(service, signed_up)
    assert (taken.status, taken.json()) == (200, DONE)
    assert outgoing.messages == []
    free = await change(service, signed_up, "free@example.com")
    assert (free.status, free.body) == (taken.status, taken.body)
    assert [name for name, _ in free.headers] == [name for name, _ in taken.headers]


@pytest.mark.engines("sqlite", "postgres")
async def test_address_taken_meanwhile_reads_like_a_free_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database, user=AT_ONCE)
    await service.sign_up(NEW)
    signed_up = await service.sign_up()

    async def nobody(_self: Users, _email: str) -> None:
        return None

    monkeypatch.setattr(Users, "find_by_email", nobody)
    answer = await change(service, signed_up)
    assert (answer.status, answer.json()) == (200, DONE)
    assert answer.header_list("set-cookie") == []


@pytest.mark.parametrize("email", [EMAIL, "ADA@Example.com"])
async def test_same_address_is_refused(database: Database, email: str) -> None:
    service, _ = await mailing(database, user=changing())
    answer = await change(service, await service.sign_up(), email)
    assert (answer.status, answer.json()) == (400, {"message": "Email is the same"})


async def test_option_switches_it_on(sqlite_database: Database) -> None:
    service, _ = await mailing(sqlite_database)
    answer = await change(service, await service.sign_up())
    assert (answer.status, answer.json()) == (
        400,
        {"message": "Change email is disabled", "code": "CHANGE_EMAIL_DISABLED"},
    )


@pytest.mark.parametrize("verified", [True, False])
async def test_address_that_nothing_can_prove_is_refused(
    sqlite_database: Database, verified: bool
) -> None:
    service = await serve(sqlite_database, user=AT_ONCE if verified else changing())
    signed_up = await service.sign_up()
    await service.alter(users, emailVerified=verified)
    answer = await change(service, signed_up)
    assert (answer.status, answer.json()) == (400, {"message": "Verification email isn't enabled"})


async def test_caller_must_be_signed_in(sqlite_database: Database) -> None:
    service, _ = await mailing(sqlite_database, user=changing())
    answer = await service.post("/change-email", {"newEmail": NEW})
    assert (answer.status, answer.json()["code"]) == (401, "UNAUTHORIZED")


async def test_bad_body_is_told_before_that(sqlite_database: Database) -> None:
    service = await serve(sqlite_database)
    answer = await service.post("/change-email", {"newEmail": "x"})
    assert (answer.status, answer.json()) == (
        400,
        {"message": "[body.newEmail] Invalid email address", "code": "VALIDATION_ERROR"},
    )


async def test_renewed_session_comes_with_a_refusal(sqlite_database: Database) -> None:
    service = await serve(sqlite_database)
    signed_up = await service.sign_up()
    await service.execute('UPDATE session SET "expiresAt" = :soon', soon=from_now(days=1))
    answer = await change(service, signed_up)
    assert answer.status == 400
    assert cookies(answer) == cookies(signed_up)
