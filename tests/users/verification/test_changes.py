"""/verify-email, opened to change an address."""

import asyncio

import pytest

from app.database import Database
from app.models import sessions, users
from app.users.verification.tokens import Proof, Purpose
from tests.service import EMAIL, Service, browser, cookies

from .linking import ANYBODY, changing, follow, mailing, prove

pytestmark = pytest.mark.anyio

NEW = "new@example.com"
CHANGE = Proof(ANYBODY, EMAIL, Purpose.VERIFY_CHANGE, NEW)
CONFIRM = Proof(ANYBODY, EMAIL, Purpose.CONFIRM_CHANGE, NEW)
NO_USER = {"message": "User not found", "code": "USER_NOT_FOUND"}
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
                "emailVerified": True,
                "updatedAt": user["updatedAt"],
            },
        },
    )
    assert list(answer.json()["user"]) == list(signed_up.json()["user"])
    assert cookies(answer) == cookies(signed_up)
    assert await addresses(service) == {(NEW, True)}


async def test_change_signs_in_who_is_not(database: Database) -> None:
    service, _ = await mailing(database)
    await service.sign_up()
    answer = await prove(service, CHANGE)
    current = await service.get("/get-session", browser(answer))
    assert current.json()["user"]["email"] == NEW
    assert answer.header("set-auth-token") is not None


async def test_guarded_user_is_changed_but_not_signed_in(database: Database) -> None:
    service, _ = await mailing(database)
    await service.sign_up()
    kind = "integer" if database.dialect == "sqlite" else "boolean"
    async with database.begin() as tx:
        await tx.exec_driver_sql(f'ALTER TABLE "user" ADD COLUMN banned {kind}')
    await service.execute(f'UPDATE "user" SET banned = CAST(1 AS {kind})')
    service, _ = await mailing(database)
    answer = await prove(service, CHANGE)
    assert (answer.status, answer.header_list("set-cookie")) == (200, [])
    assert len(await service.rows(sessions)) == 1


@pytest.mark.parametrize("proof", [CHANGE, CONFIRM])
async def test_link_of_another_user_is_refused(database: Database, proof: Proof) -> None:
    service, outgoing = await mailing(database)
    await service.sign_up()
    bob = browser(await service.sign_up("bob@example.com"))
    answer = await prove(service, proof, bob)
    assert (answer.status, answer.json()) == (
        401,
        {"message": "Invalid user", "code": "INVALID_USER"},
    )
    assert (await prove(service, proof, bob, callback_url="/x")).header("location") == (
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


async def test_change_works_once(database: Database) -> None:
    service, _ = await mailing(database)
    await service.sign_up()
    assert (await prove(service, CHANGE)).status == 200
    answer = await prove(service, CHANGE)
    assert (answer.status, answer.json()) == (401, NO_USER)


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


async def test_of_parallel_changes_to_one_address_one_wins(database: Database) -> None:
    service, _ = await mailing(database)
    people = [f"{name}@example.com" for name in "abcdef"]
    for email in people:
        await service.sign_up(email)
    proofs = [Proof(ANYBODY, email, Purpose.VERIFY_CHANGE, NEW) for email in people]
    answers = await asyncio.gather(*(prove(service, proof) for proof in proofs))
    assert sorted(answer.status for answer in answers) == [200] + [422] * 5
    won = next(answer for answer in answers if answer.status == 200)
    assert won.json()["user"]["email"] == NEW
    assert (NEW, True) in await addresses(service)
    assert len(await service.rows(sessions)) == len(people) + 1


async def test_of_parallel_changes_of_one_user_one_wins(database: Database) -> None:
    service, _ = await mailing(database)
    await service.sign_up()
    wanted = [f"{name}@example.com" for name in "abcdef"]
    proofs = [Proof(ANYBODY, EMAIL, Purpose.VERIFY_CHANGE, email) for email in wanted]
    answers = await asyncio.gather(*(prove(service, proof) for proof in proofs))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 5
    won = next(answer for answer in answers if answer.status == 200)
    assert await addresses(service) == {(won.json()["user"]["email"], True)}
    assert len(await service.rows(sessions)) == 2


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
    assert answer.header("location") == "/?error=USER_NOT_FOUND"
    assert answer.header_list("set-cookie") == []
    current = await service.get("/get-session", browser(owner))
    assert current.json()["user"]["email"] == EMAIL
    assert await service.rows(sessions) == held
