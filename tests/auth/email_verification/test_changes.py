"""/verify-email, opened to change an address."""

import asyncio

import pytest
from msgspec.structs import replace

from app.auth.email_verification.link_tokens import LinkClaims, Purpose
from app.settings.options import EmailVerificationOptions
from app.storage.database import Database
from tests.support.rows import id_of
from tests.support.service import EMAIL, Service, browser, cookies
from tests.support.tables import sessions, users

from .linking import ANYBODY, SIGNS_IN, changing, follow, mailing, prove

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

NEW = "new@example.com"
CHANGE = LinkClaims(ANYBODY, EMAIL, Purpose.VERIFY_CHANGE, NEW)
CONFIRM = LinkClaims(ANYBODY, EMAIL, Purpose.CONFIRM_CHANGE, NEW)
INVALID = {"message": "Invalid token", "code": "INVALID_TOKEN"}
TAKEN = {
    "message": "User already exists. Use another email.",
    "code": "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
}


async def addresses(service: Service) -> set[tuple[str, bool]]:
    return {(user["email"], user["emailVerified"]) for user in await service.rows(users)}


async def test_change_answers_with_the_user(database: Database) -> None:
    service, _ = await mailing(database)
    signed_up = await service.sign_up()
    answer = await prove(service, CHANGE, browser(signed_up))
    (user,) = await service.rows(users)
    assert (answer.status, answer.json()) == (
        200,
        {
            "status": True,
            "user": {
                **signed_up.json()["user"],
                "email": NEW,
                "updatedAt": user["updatedAt"],
            },
        },
    )
    assert list(answer.json()["user"]) == list(signed_up.json()["user"])
    assert cookies(answer) == cookies(signed_up)
    assert await addresses(service) == {(NEW, False)}


async def test_verified_user_stays_verified(database: Database) -> None:
    service, _ = await mailing(database)
    await service.sign_up()
    await service.alter(users, emailVerified=True)
    assert (await prove(service, CHANGE)).json()["user"]["emailVerified"] is True
    assert await addresses(service) == {(NEW, True)}


@pytest.mark.parametrize("claims", [CHANGE, CONFIRM])
@pytest.mark.parametrize("options", [{}, {"email_verification": SIGNS_IN}])
async def test_link_signs_nobody_in(
    database: Database, claims: LinkClaims, options: dict[str, EmailVerificationOptions]
) -> None:
    """Whoever finds the link in a forwarded mail, or in the old address's box, got a session."""
    service, _ = await mailing(database, **options)
    await service.sign_up()
    held = await service.rows(sessions)
    answer = await prove(service, claims)
    assert (answer.status, answer.header_list("set-cookie")) == (200, [])
    assert answer.header("set-auth-token") is None
    assert await service.rows(sessions) == held


@pytest.mark.parametrize("claims", [CHANGE, CONFIRM])
async def test_link_of_another_user_is_refused(database: Database, claims: LinkClaims) -> None:
    service, outgoing = await mailing(database)
    await service.sign_up()
    bob = browser(await service.sign_up("bob@example.com"))
    answer = await prove(service, claims, bob)
    assert (answer.status, answer.json()) == (
        401,
        {"message": "Invalid user", "code": "INVALID_USER"},
    )
    assert (await prove(service, claims, bob, callback_url="/x")).header("location") == (
        "/x?error=INVALID_USER"
    )
    assert await addresses(service) == {(EMAIL, False), ("bob@example.com", False)}
    assert outgoing.messages == []


async def test_confirmation_asks_the_new_address(database: Database) -> None:
    service, outgoing = await mailing(database)
    await service.sign_up()
    answer = await prove(service, CONFIRM)
    assert (answer.status, answer.json()) == (200, {"status": True})
    assert [message.to for message in outgoing.messages] == [NEW]
    assert outgoing.link().endswith("&callbackURL=%2F")
    assert await addresses(service) == {(EMAIL, False)}


@pytest.mark.engines("sqlite", "postgres")
async def test_change_works_once(database: Database) -> None:
    service, _ = await mailing(database)
    await service.sign_up()
    claims = replace(CHANGE, user_id=await id_of(database, EMAIL))
    assert (await prove(service, claims)).status == 200
    answer = await prove(service, claims)
    assert (answer.status, answer.json()) == (401, INVALID)


async def test_link_of_a_user_who_is_gone_is_refused(database: Database) -> None:
    service, outgoing = await mailing(database, user=changing())
    await service.post("/change-email", {"newEmail": NEW}, browser(await service.sign_up()))
    await service.execute('DELETE FROM "user"')
    opened = await follow(service, outgoing.link())
    assert opened.header("location") == "/?error=USER_NOT_FOUND"


@pytest.mark.engines("sqlite", "postgres")
async def test_link_counts_for_an_address_in_other_letters(database: Database) -> None:
    """Tables that were adopted may hold an address as it was typed."""
    service, outgoing = await mailing(database, user=changing())
    ada = browser(await service.sign_up())
    await service.alter(users, email="Ada@Example.com")
    await service.post("/change-email", {"newEmail": NEW}, ada)
    assert (await follow(service, outgoing.link(), ada)).header("location") == "/"
    assert await addresses(service) == {(NEW, False)}


@pytest.mark.engines("sqlite", "postgres")
async def test_address_taken_meanwhile_is_a_refusal(database: Database) -> None:
    service, _ = await mailing(database)
    await service.sign_up()
    await service.sign_up(NEW)
    held = await service.rows(sessions)
    answer = await prove(service, CHANGE)
    assert (answer.status, answer.json()) == (422, TAKEN)
    led = await prove(service, CHANGE, callback_url="/x")
    assert led.header("location") == f"/x?error={TAKEN['code']}"
    assert await addresses(service) == {(EMAIL, False), (NEW, False)}
    assert await service.rows(sessions) == held


@pytest.mark.engines("sqlite", "postgres")
async def test_of_parallel_changes_to_one_address_one_wins(database: Database) -> None:
    service, _ = await mailing(database)
    people = [f"{name}@example.com" for name in "abcdef"]
    for email in people:
        await service.sign_up(email)
    proofs = [LinkClaims(ANYBODY, email, Purpose.VERIFY_CHANGE, NEW) for email in people]
    answers = await asyncio.gather(*(prove(service, claims) for claims in proofs))
    assert sorted(answer.status for answer in answers) == [200] + [422] * 5
    won = next(answer for answer in answers if answer.status == 200)
    assert won.json()["user"]["email"] == NEW
    assert (NEW, False) in await addresses(service)
    assert len(await service.rows(sessions)) == len(people)


@pytest.mark.engines("sqlite", "postgres")
async def test_of_parallel_changes_of_one_user_one_wins(database: Database) -> None:
    service, _ = await mailing(database)
    await service.sign_up()
    wanted = [f"{name}@example.com" for name in "abcdef"]
    proofs = [LinkClaims(ANYBODY, EMAIL, Purpose.VERIFY_CHANGE, email) for email in wanted]
    answers = await asyncio.gather(*(prove(service, claims) for claims in proofs))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 5
    won = next(answer for answer in answers if answer.status == 200)
    assert await addresses(service) == {(won.json()["user"]["email"], False)}
    assert len(await service.rows(sessions)) == 1


@pytest.mark.engines("sqlite", "postgres")
async def test_of_one_link_opened_twice_at_once_both_answers_are_clean(database: Database) -> None:
    service, _ = await mailing(database)
    await service.sign_up()
    answers = await asyncio.gather(*(prove(service, CHANGE) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


async def test_link_is_of_no_use_against_who_has_the_address_next(database: Database) -> None:
    """Whoever signed up under somebody's address could take the account made of it later."""
    service, outgoing = await mailing(database, user=changing())
    squatter = browser(await service.sign_up())
    links = []
    for email in ("one@evil.example", "two@evil.example"):
        await service.post("/change-email", {"newEmail": email}, squatter)
        links.append(outgoing.link())
    assert (await follow(service, links[0])).header("location") == "/"
    owner = await service.sign_up(name="Owner")
    held = await service.rows(sessions)
    answer = await follow(service, links[1])
    assert answer.header("location") == "/?error=INVALID_TOKEN"
    assert answer.header_list("set-cookie") == []
    current = await service.get("/get-session", browser(owner))
    assert current.json()["user"]["email"] == EMAIL
    assert await service.rows(sessions) == held


@pytest.mark.engines("sqlite", "postgres")
async def test_new_password_ends_changes_that_were_asked_for_before(database: Database) -> None:
    """Who signed up with the address of its owner, or had a session, asked for them."""
    service, outgoing = await mailing(database, user=changing())
    mallory = browser(await service.sign_up())
    await service.post("/change-email", {"newEmail": "mallory@example.com"}, mallory)
    change = outgoing.link()
    await service.post("/request-password-reset", {"email": EMAIL})
    token = outgoing.link().rpartition("/")[2].partition("?")[0]
    reset = await service.post(f"/reset-password?token={token}", {"newPassword": "my own horse"})
    assert reset.status == 200
    assert (await follow(service, change)).header("location") == "/?error=INVALID_TOKEN"
    assert await addresses(service) == {(EMAIL, False)}
