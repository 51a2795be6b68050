"""/send-verification-email."""

import itertools
from types import SimpleNamespace

import pytest

from app.auth.email_verification import requests
from app.settings.options import EmailVerificationOptions
from app.storage.database import Database
from tests.support.service import EMAIL, ORIGIN, browser, serve
from tests.support.tables import users

from .linking import BASE, follow, mailing

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

PATH = "/send-verification-email"
SENT = {"status": True}
OFF = {"message": "Verification email isn't enabled", "code": "VERIFICATION_EMAIL_NOT_ENABLED"}


async def test_stranger_can_have_the_link_mailed(database: Database) -> None:
    service, outgoing = await mailing(database)
    await service.sign_up()
    answer = await service.post(PATH, {"email": "ADA@example.com", "callbackURL": "/v?x=1 2"})
    assert (answer.status, answer.json()) == (200, SENT)
    assert [message.to for message in outgoing.messages] == [EMAIL]
    link, _, callback_url = outgoing.link().partition("&")
    assert link.startswith(f"{BASE}/verify-email?token=eyJ")
    assert callback_url == "callbackURL=%2Fv%3Fx%3D1%202"
    assert (await follow(service, outgoing.link())).header("location") == "/v?x=1 2"


async def test_link_leads_to_the_root_where_nothing_is_said(database: Database) -> None:
    service, outgoing = await mailing(database)
    await service.sign_up()
    await service.post(PATH, {"email": EMAIL})
    assert outgoing.link().endswith("&callbackURL=%2F")


async def test_link_does_not_believe_the_request(database: Database) -> None:
    service, outgoing = await mailing(database)
    await service.sign_up()
    evil = [("host", "evil.example"), ("x-forwarded-host", "evil.example")]
    await service.post(PATH, {"email": EMAIL}, evil)
    assert outgoing.link().startswith(BASE)


@pytest.mark.engines("sqlite", "postgres")
async def test_stranger_does_not_learn_who_has_an_account(database: Database) -> None:
    service, outgoing = await mailing(database)
    await service.sign_up()
    await service.sign_up("verified@example.com")
    await service.execute(
        """UPDATE "user" SET "emailVerified" = CAST(1 AS boolean) WHERE email LIKE 'verified%'"""
    )
    answers = [
        await service.post(PATH, {"email": email})
        for email in (EMAIL, "verified@example.com", "nobody@example.com")
    ]
    assert {answer.body for answer in answers} == {b'{"status":true}'}
    assert len({tuple(name for name, _ in answer.headers) for answer in answers}) == 1
    assert [message.to for message in outgoing.messages] == [EMAIL]


async def test_stranger_waits_as_long_for_any_address(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, _ = await mailing(database)
    await service.sign_up()
    waits: list[float] = []

    async def noted(seconds: float) -> None:
        waits.append(seconds)

    clock = itertools.count(1000.0, 0.1)
    monkeypatch.setattr(requests, "SAME_TIME", 0.5)
    monkeypatch.setattr("app.auth.equal_time.time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr("app.auth.equal_time.asyncio", SimpleNamespace(sleep=noted))
    await service.post(PATH, {"email": EMAIL})
    await service.post(PATH, {"email": "nobody@example.com"})
    assert waits == [pytest.approx(0.4)] * 2


async def test_user_asks_for_their_own_address_only(database: Database) -> None:
    service, outgoing = await mailing(database)
    ada = browser(await service.sign_up())
    refused = await service.post(PATH, {"email": "other@example.com"}, ada)
    assert (refused.status, refused.json()) == (
        400,
        {"message": "Email mismatch", "code": "EMAIL_MISMATCH"},
    )
    assert outgoing.messages == []
    assert (await service.post(PATH, {"email": "Ada@EXAMPLE.com"}, ada)).json() == SENT
    assert [message.to for message in outgoing.messages] == [EMAIL]


async def test_verified_user_needs_no_link(database: Database) -> None:
    service, outgoing = await mailing(database)
    ada = browser(await service.sign_up())
    await service.alter(users, emailVerified=True)
    refused = await service.post(PATH, {"email": EMAIL}, ada)
    assert (refused.status, refused.json()) == (
        400,
        {"message": "Email is already verified", "code": "EMAIL_ALREADY_VERIFIED"},
    )
    assert outgoing.messages == []


@pytest.mark.parametrize("switched", [None, False])
async def test_without_mails_it_is_refused(database: Database, switched: bool | None) -> None:
    options = EmailVerificationOptions(send_verification_email=switched)
    if switched is None:
        service = await serve(database, email_verification=options)
    else:
        service, _ = await mailing(database, email_verification=options)
    answer = await service.post(PATH, {"email": EMAIL})
    assert (answer.status, answer.json()) == (400, OFF)


async def test_foreign_page_can_have_nothing_mailed(database: Database) -> None:
    service, outgoing = await mailing(database)
    await service.sign_up()
    for headers, code in (
        ([("origin", "https://evil.example")], "INVALID_ORIGIN"),
        ([("sec-fetch-site", "cross-site")], "MISSING_OR_NULL_ORIGIN"),
        (
            [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
            "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
        ),
    ):
        answer = await service.post(PATH, {"email": EMAIL}, headers)
        assert (answer.status, answer.json()["code"]) == (403, code)
    assert outgoing.messages == []
    assert (await service.post(PATH, {"email": EMAIL}, [("origin", ORIGIN)])).json() == SENT


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "[body.email] Invalid input: expected string, received undefined"),
        ({"email": "nope"}, "[body.email] Invalid email address"),
    ],
)
async def test_bad_body_is_told_first(
    sqlite_database: Database, body: dict[str, object], message: str
) -> None:
    service = await serve(sqlite_database)
    answer = await service.post(PATH, body)
    assert (answer.status, answer.json()["message"]) == (400, message)


async def test_mail_leads_to_trusted_places_only(sqlite_database: Database) -> None:
    service, outgoing = await mailing(sqlite_database)
    await service.sign_up()
    answer = await service.post(PATH, {"email": EMAIL, "callbackURL": "https://evil.example"})
    assert (answer.status, answer.json()["code"]) == (403, "INVALID_CALLBACK_URL")
    assert outgoing.messages == []
