"""Several sign-ups for one address that nobody has proven: no stranger's password survives."""

import asyncio
from datetime import datetime
from typing import Final

import pytest
from sqlalchemy import select, text, update

from app.auth.email_verification.pending_passwords import PendingPasswords, name_hash
from app.models.errors import StoreUnavailable
from app.settings.options import (
    EmailAndPasswordOptions,
    EmailVerificationOptions,
    VerificationOptions,
)
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.auth.email_verification.linking import follow
from tests.support.asgi import Answer
from tests.support.service import EMAIL, Service, bearer, browser, serve
from tests.support.smtp import Outgoing
from tests.support.tables import accounts, sessions, users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

REQUIRED: Final = EmailAndPasswordOptions(require_email_verification=True)
WAITING: Final = text(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
MALLORY, OWNER, LATE = "what mallory knows", "what the owner knows", "what comes late"


@pytest.fixture
def outgoing() -> Outgoing:
    return Outgoing()


@pytest.fixture(params=["database", "redis", "both"])
async def service(
    database: Database, storage: RedisStorage, outgoing: Outgoing, request: pytest.FixtureRequest
) -> Service:
    """Whichever place keeps the hashes of sign-ups."""
    return await serve(
        database,
        mailer=outgoing,
        storage=None if request.param == "database" else storage,
        verification=VerificationOptions(store_in_database=request.param == "both"),
        email_and_password=REQUIRED,
    )


@pytest.fixture
async def simple(database: Database, outgoing: Outgoing) -> Service:
    return await serve(database, mailer=outgoing, email_and_password=REQUIRED)


async def signed_up(service: Service, outgoing: Outgoing, password: str, name: str = "Ada") -> str:
    """The link that is mailed for a sign-up."""
    answer = await service.sign_up(password=password, name=name)
    assert (answer.status, answer.json()["token"]) == (200, None)
    return outgoing.link()


async def working(service: Service) -> list[str]:
    """The passwords that sign in."""
    answers = [await service.sign_in(password=each) for each in (MALLORY, OWNER, LATE)]
    statuses = zip((MALLORY, OWNER, LATE), answers, strict=True)
    return [password for password, answer in statuses if answer.status == 200]


async def resent(service: Service, outgoing: Outgoing) -> str:
    await service.post("/send-verification-email", {"email": EMAIL})
    return outgoing.link()


async def test_single_sign_up_works_with_the_password_that_was_chosen(
    service: Service, outgoing: Outgoing
) -> None:
    link = await signed_up(service, outgoing, OWNER)
    assert (await follow(service, link)).header("location") == "/"
    assert await working(service) == [OWNER]


async def test_link_that_is_sent_once_more_works_like_the_first(
    service: Service, outgoing: Outgoing
) -> None:
    await signed_up(service, outgoing, OWNER)
    await follow(service, await resent(service, outgoing))
    assert await working(service) == [OWNER]


async def test_opened_link_makes_its_password_the_accounts(
    service: Service, outgoing: Outgoing
) -> None:
    """The owner got the success that tells nothing, opened a link, and proved Mallory's account."""
    await signed_up(service, outgoing, MALLORY, "Mallory")
    link = await signed_up(service, outgoing, OWNER, "Owner")
    assert [message.to for message in outgoing.messages] == [EMAIL, EMAIL]
    assert "Owner" in outgoing.messages[-1].text
    assert (await follow(service, link)).header("location") == "/"
    assert await working(service) == [OWNER]


async def test_who_opens_the_first_link_keeps_the_first_password(
    service: Service, outgoing: Outgoing
) -> None:
    """Somebody else signs up under one's address before one has opened the link."""
    link = await signed_up(service, outgoing, OWNER)
    await signed_up(service, outgoing, MALLORY)
    await signed_up(service, outgoing, LATE)
    await follow(service, link)
    assert await working(service) == [OWNER]


async def test_no_password_counts_until_a_link_is_opened(
    simple: Service, outgoing: Outgoing
) -> None:
    await signed_up(simple, outgoing, MALLORY)
    await signed_up(simple, outgoing, OWNER)
    (account,) = await simple.rows(accounts)
    assert account["password"] is None
    for password in (MALLORY, OWNER):
        refused = await simple.sign_in(password=password)
        assert (refused.status, refused.json()["code"]) == (401, "INVALID_EMAIL_OR_PASSWORD")


async def test_link_that_anybody_may_ask_for_proves_nobodys_password(
    service: Service, outgoing: Outgoing
) -> None:
    await signed_up(service, outgoing, MALLORY)
    early = await resent(service, outgoing)
    await signed_up(service, outgoing, OWNER)
    await follow(service, early)
    assert await working(service) == []
    (user,) = await service.rows(users)
    assert user["emailVerified"] is True
    await service.post("/request-password-reset", {"email": EMAIL})
    token = outgoing.link().partition("/reset-password/")[2].partition("?")[0]
    await service.post("/reset-password", {"token": token, "newPassword": OWNER})
    assert await working(service) == [OWNER]


async def test_other_links_are_of_no_use_afterwards(service: Service, outgoing: Outgoing) -> None:
    others = [await signed_up(service, outgoing, each) for each in (MALLORY, LATE)]
    await follow(service, await signed_up(service, outgoing, OWNER))
    for other in others:
        await follow(service, other)
    assert await working(service) == [OWNER]


async def test_password_that_a_reset_chose_is_the_only_one(
    simple: Service, outgoing: Outgoing
) -> None:
    """Whoever reads the mail has proven the address, whatever link they open afterwards."""
    first = await signed_up(simple, outgoing, MALLORY)
    second = await signed_up(simple, outgoing, LATE)
    await simple.post("/request-password-reset", {"email": EMAIL})
    token = outgoing.link().partition("/reset-password/")[2].partition("?")[0]
    await simple.post("/reset-password", {"token": token, "newPassword": OWNER})
    for link in (first, second):
        await follow(simple, link)
    assert await working(simple) == [OWNER]


async def test_expired_sign_ups_leave_no_password_behind(
    simple: Service, outgoing: Outgoing
) -> None:
    await signed_up(simple, outgoing, MALLORY)
    await signed_up(simple, outgoing, LATE)
    await simple.execute("DELETE FROM verification")
    await follow(simple, await resent(simple, outgoing))
    assert await working(simple) == []


async def test_signing_up_once_more_when_links_have_expired_works(
    simple: Service, outgoing: Outgoing
) -> None:
    await signed_up(simple, outgoing, MALLORY)
    await signed_up(simple, outgoing, LATE)
    await simple.execute("DELETE FROM verification")
    await follow(simple, await signed_up(simple, outgoing, OWNER))
    assert await working(simple) == [OWNER]


async def test_link_that_a_sign_in_mails_is_that_of_its_password(
    database: Database, outgoing: Outgoing
) -> None:
    reminds = EmailVerificationOptions(send_on_sign_in=True)
    service = await serve(
        database, mailer=outgoing, email_and_password=REQUIRED, email_verification=reminds
    )
    await signed_up(service, outgoing, OWNER)
    assert (await service.sign_in(password=OWNER)).status == 403
    link = outgoing.link()
    await signed_up(service, outgoing, MALLORY)
    await follow(service, link)
    assert await working(service) == [OWNER]


async def test_sessions_from_before_the_proof_end(
    database: Database, storage: RedisStorage, outgoing: Outgoing
) -> None:
    """They may be there where verification was required later."""
    for kept in (None, storage):
        await (await serve(database)).execute('DELETE FROM "user"')
        open_to_all = await serve(database, storage=kept)
        mallory = bearer((await open_to_all.sign_up(password=MALLORY)).json()["token"])
        service = await serve(database, mailer=outgoing, storage=kept, email_and_password=REQUIRED)
        link = await signed_up(service, outgoing, OWNER)
        assert (await service.get("/get-session", mallory)).json() is not None
        await follow(service, link)
        assert (await service.get("/get-session", mallory)).json() is None
    assert await service.rows(sessions) == []


async def test_no_later_sign_up_takes_over_what_somebody_uses(
    database: Database, storage: RedisStorage, outgoing: Outgoing
) -> None:
    """Verification was required later: the owner has been in, and opens the link of a stranger."""
    for kept in (None, storage):
        await (await serve(database)).execute('DELETE FROM "user"')
        await (await serve(database, storage=kept)).sign_up(password=OWNER)
        service = await serve(database, mailer=outgoing, storage=kept, email_and_password=REQUIRED)
        await follow(service, await signed_up(service, outgoing, MALLORY))
        assert await working(service) == []
        (user,) = await service.rows(users)
        assert user["emailVerified"] is True


async def test_link_that_signs_in_starts_a_session_that_holds(
    database: Database, storage: RedisStorage, outgoing: Outgoing
) -> None:
    service = await serve(
        database,
        mailer=outgoing,
        storage=storage,
        email_and_password=REQUIRED,
        email_verification=EmailVerificationOptions(auto_sign_in_after_verification=True),
    )
    await signed_up(service, outgoing, MALLORY)
    opened = await follow(service, await signed_up(service, outgoing, OWNER))
    current = await service.get("/get-session", browser(opened))
    assert current.json()["user"]["emailVerified"] is True


@pytest.mark.engines("sqlite", "postgres")
async def test_redis_that_is_away_leaves_a_link_good(
    database: Database,
    storage: RedisStorage,
    outgoing: Outgoing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = await serve(database, mailer=outgoing, storage=storage, email_and_password=REQUIRED)
    await signed_up(service, outgoing, MALLORY)
    link = await signed_up(service, outgoing, OWNER)

    async def away(*_: object, **__: object) -> int:
        raise StoreUnavailable

    with monkeypatch.context() as failing:
        failing.setattr("app.auth.sessions.secondary_store.StorageSessions.end_secondary", away)
        assert (await follow(service, link)).status == 503
    assert (await follow(service, link)).header("location") == "/"
    assert await working(service) == [OWNER]


async def test_session_goes_on_where_nobody_else_signed_up(
    database: Database, outgoing: Outgoing
) -> None:
    service = await serve(database, mailer=outgoing)
    ada = browser(await service.sign_up())
    await follow(service, await resent(service, outgoing))
    assert (await service.get("/get-session", ada)).json()["user"]["emailVerified"] is True


async def test_proven_address_is_left_alone(simple: Service, outgoing: Outgoing) -> None:
    await follow(simple, await signed_up(simple, outgoing, OWNER))
    sent = len(outgoing.messages)
    answer: Answer = await simple.sign_up(password=MALLORY)
    assert (answer.status, len(outgoing.messages)) == (200, sent)
    assert await working(simple) == [OWNER]


async def test_user_without_a_password_is_left_alone(simple: Service, outgoing: Outgoing) -> None:
    await signed_up(simple, outgoing, OWNER)
    await simple.execute("DELETE FROM account")
    await simple.sign_up(password=MALLORY)
    assert len(outgoing.messages) == 1
    assert await simple.rows(accounts) == []


@pytest.mark.parametrize("policy", [EmailAndPasswordOptions(auto_sign_in=False), REQUIRED])
async def test_password_that_works_already_or_that_no_link_could_restore_is_left_alone(
    database: Database, outgoing: Outgoing, policy: EmailAndPasswordOptions
) -> None:
    mailer = None if policy is REQUIRED else outgoing
    service = await serve(database, mailer=mailer, email_and_password=policy)
    await service.sign_up(password=OWNER)
    await service.sign_up(password=MALLORY)
    await service.alter(users, emailVerified=True)
    assert await working(service) == [OWNER]
    assert outgoing.messages == []


async def test_answer_is_the_same_for_a_free_a_taken_and_a_proven_address(
    simple: Service, outgoing: Outgoing
) -> None:
    answers = [await simple.sign_up(password=OWNER) for _ in range(2)]
    await follow(simple, outgoing.link())
    answers.append(await simple.sign_up(password=OWNER))
    assert {answer.status for answer in answers} == {200}
    assert len({tuple(answer.json()["user"]) for answer in answers}) == 1
    assert len({answer.json()["user"]["id"] for answer in answers}) == 3


@pytest.mark.engines("sqlite", "postgres")
async def test_parallel_sign_ups_leave_one_password(service: Service, outgoing: Outgoing) -> None:
    await signed_up(service, outgoing, MALLORY)
    await asyncio.gather(*(service.sign_up(password=LATE) for _ in range(4)))
    await follow(service, await signed_up(service, outgoing, OWNER))
    assert await working(service) == [OWNER]


@pytest.mark.engines("sqlite", "postgres")
async def test_address_that_is_proven_meanwhile_keeps_its_password(
    simple: Service, outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, keep = await signed_up(simple, outgoing, OWNER), PendingPasswords._keep

    async def prove_first(pending: PendingPasswords, hashed: str, now: datetime) -> None:
        await keep(pending, hashed, now)
        await follow(simple, link)

    monkeypatch.setattr(PendingPasswords, "_keep", prove_first)
    await simple.sign_up(password=MALLORY)
    assert await working(simple) == [OWNER]


async def test_sign_up_that_waits_for_the_proof_takes_nothing_away(
    postgres_database: Database, outgoing: Outgoing
) -> None:
    """The account was locked when it looked, and the user still as they were before."""
    simple = await serve(postgres_database, mailer=outgoing, email_and_password=REQUIRED)
    await signed_up(simple, outgoing, OWNER)
    async with postgres_database.begin() as tx:
        await tx.execute(select(accounts.c.id).with_for_update())
        await tx.execute(update(users).values(emailVerified=True))
        late = asyncio.create_task(simple.sign_up(password=MALLORY))
        while await postgres_database.read_one(WAITING) is None:  # noqa: ASYNC110  # of PostgreSQL
            await asyncio.sleep(0.01)
    await late
    assert await working(simple) == [OWNER]


async def test_no_hash_is_in_a_link(simple: Service, outgoing: Outgoing) -> None:
    link = await signed_up(simple, outgoing, OWNER)
    (account,) = await simple.rows(accounts)
    assert account["password"] not in link
    assert len(name_hash(account["password"])) == 22
