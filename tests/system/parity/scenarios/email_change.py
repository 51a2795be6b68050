"""Changing one's address."""

from datetime import timedelta

from tests.system.parity.http import Answer
from tests.system.parity.scenario import scenario
from tests.system.parity.side import Caller, Side, query_of

ENABLED = {"user.changeEmail.enabled": True}
MAILS = {**ENABLED, "emailVerification.sendVerificationEmail": True}
ASKS_OLD = {**MAILS, "user.changeEmail.sendChangeEmailConfirmation": True}
AT_ONCE = {**MAILS, "user.changeEmail.updateEmailWithoutVerification": True}
AT_ONCE_UNSEEN = {**ENABLED, "user.changeEmail.updateEmailWithoutVerification": True}


@scenario(MAILS, postgres=True)
async def proven(s: Side) -> None:
    ada = await s.signed_up("proven@example.com")
    await _verify(s, "proven@example.com")
    await _change(ada, "Proven-New@example.com", callbackURL="/changed?a=1")
    await ada.get("/get-session")
    letter = await s.mail("proven-new@example.com")
    await s.no_mail("proven@example.com")
    await ada.open(letter.link)
    await ada.get("/get-session")
    await ada.open(letter.link)
    await ada.sign_in("proven@example.com")
    await ada.sign_in("proven-new@example.com")


@scenario(MAILS, postgres=True)
async def proven_elsewhere(s: Side) -> None:
    ada = await s.signed_up("elsewhere@example.com")
    await _change(ada, "elsewhere-new@example.com")
    token = query_of((await s.mail("elsewhere-new@example.com")).link, "token")
    browser = s.browser()
    await browser.get(f"/verify-email?token={token}")
    await browser.get("/get-session")
    await ada.get("/get-session")


@scenario(MAILS)
async def opened_by_another(s: Side) -> None:
    ada = await s.signed_up("other@example.com")
    await _change(ada, "other-new@example.com", callbackURL="/x")
    letter = await s.mail("other-new@example.com")
    bob = await s.signed_up("other-bob@example.com")
    await bob.open(letter.link)
    await bob.get(f"/verify-email?token={query_of(letter.link, 'token')}")
    await bob.get("/get-session")


@scenario(MAILS)
async def forgetful_session(s: Side) -> None:
    ada = s.browser()
    await ada.sign_up("forgetful@example.com", rememberMe=False)
    await _change(ada, "forgetful-new@example.com")
    await ada.open((await s.mail("forgetful-new@example.com")).link)
    await ada.get("/get-session")


@scenario(ASKS_OLD, postgres=True)
async def confirmed(s: Side) -> None:
    ada = await s.signed_up("confirmed@example.com")
    await _verify(s, "confirmed@example.com")
    await _change(ada, "confirmed-new@example.com", callbackURL="/changed")
    asked = await s.mail("confirmed@example.com")
    await s.no_mail("confirmed-new@example.com")
    bob = await s.signed_up("confirmed-bob@example.com")
    await bob.open(asked.link)
    await s.client().open(asked.link)
    letter = await s.mail("confirmed-new@example.com")
    await ada.get("/get-session")
    await ada.open(letter.link)
    await ada.get("/get-session")
    await ada.open(asked.link)


@scenario(ASKS_OLD)
async def confirmed_as_json(s: Side) -> None:
    ada = await s.signed_up("json@example.com")
    await _verify(s, "json@example.com")
    await _change(ada, "json-new@example.com")
    asked = await s.mail("json@example.com")
    await ada.get(f"/verify-email?token={query_of(asked.link, 'token')}")
    letter = await s.mail("json-new@example.com")
    await ada.get(f"/verify-email?token={query_of(letter.link, 'token')}")


@scenario(ASKS_OLD)
async def unverified_is_not_asked(s: Side) -> None:
    ada = await s.signed_up("unasked@example.com")
    await _change(ada, "unasked-new@example.com")
    await s.mail("unasked-new@example.com")
    await s.no_mail("unasked@example.com")


@scenario(AT_ONCE, postgres=True)
async def at_once(s: Side) -> None:
    ada = await s.signed_up("once@example.com")
    await _change(ada, "Once-New@example.com", callbackURL="/proven")
    await ada.get("/get-session")
    await ada.open((await s.mail("once-new@example.com")).link)
    await ada.get("/get-session")
    await _change(ada, "once-third@example.com")
    await ada.get("/get-session")
    await s.mail("once-third@example.com")


@scenario(AT_ONCE_UNSEEN)
async def at_once_without_mails(s: Side) -> None:
    ada = s.browser()
    await ada.sign_up("unseen@example.com", rememberMe=False)
    await _change(ada, "unseen-new@example.com")
    await ada.get("/get-session")
    await _verify(s, "unseen-new@example.com")
    await _change(ada, "unseen-third@example.com")


@scenario(AT_ONCE)
async def taken(s: Side) -> None:
    ada = await s.signed_up("taken@example.com")
    await s.signed_up("taken-bob@example.com")
    await _change(ada, "Taken-Bob@example.com")
    await _verify(s, "taken@example.com")
    await _change(ada, "taken-bob@example.com")
    await s.no_mail("taken-bob@example.com")
    await ada.get("/get-session")


@scenario(MAILS, postgres=True)
async def taken_meanwhile(s: Side) -> None:
    ada = await s.signed_up("meanwhile@example.com")
    await _change(ada, "meanwhile-bob@example.com", callbackURL="/x?y#z")
    letter = await s.mail("meanwhile-bob@example.com")
    await s.signed_up("meanwhile-bob@example.com")
    await s.client().open(letter.link)
    await s.client().get(f"/verify-email?token={query_of(letter.link, 'token')}")


@scenario(MAILS)
async def refused(s: Side) -> None:
    ada = await s.signed_up("refused@example.com")
    for email in ("refused@example.com", "REFUSED@Example.com", "x", "", None, 5):
        await _change(ada, email)
    await ada.post("/change-email", {})
    await ada.post("/change-email", [])
    await ada.post("/change-email")
    await ada.get("/change-email")
    await _change(ada, "a@b.co", callbackURL="https://evil.example")
    await _change(s.client(), "a@b.co")
    await _change(s.client(), "x")
    await s.age("session", "refused@example.com", expiresAt=timedelta(days=8))
    await _change(ada, "a@b.co")


@scenario(ENABLED)
async def nothing_can_prove_it(s: Side) -> None:
    ada = await s.signed_up("unproven@example.com")
    await _change(ada, "unproven-new@example.com")
    await _change(ada, "unproven@example.com")


@scenario()
async def not_offered(s: Side) -> None:
    ada = await s.signed_up("off@example.com")
    await _change(ada, "off-new@example.com")
    await _change(s.client(), "off-new@example.com")


@scenario({**MAILS, "secondaryStorage": True})
async def sessions_in_redis(s: Side) -> None:
    who = "redis@example.com"
    ada, elsewhere = await s.signed_up(who), s.browser()
    await elsewhere.sign_in(who)
    await ada.post("/send-verification-email", {"email": who})
    await ada.open((await s.mail(who)).link)
    await elsewhere.get("/get-session")
    await _change(ada, "redis-new@example.com")
    browser = s.browser()
    await browser.open((await s.mail("redis-new@example.com")).link)
    for each in (ada, elsewhere, browser):
        await each.get("/get-session")


async def _change(caller: Caller, email: object, **more: object) -> Answer:
    return await caller.post("/change-email", {"newEmail": email, **more})


async def _verify(s: Side, email: str) -> None:
    await s.sql('UPDATE "user" SET "emailVerified" = ? WHERE email = ?', True, email)
