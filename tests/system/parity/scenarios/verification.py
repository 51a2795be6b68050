"""Proving one's address by a mailed link."""

import asyncio

import jwt

from tests.system.js_client.service import SECRET
from tests.system.parity.http import Answer
from tests.system.parity.scenario import scenario
from tests.system.parity.side import PASSWORD, Caller, Side, query_of

MAILS = {"emailVerification.sendVerificationEmail": True}
REQUIRED = {**MAILS, "emailAndPassword.requireEmailVerification": True}
SIGNS_IN = {**MAILS, "emailVerification.autoSignInAfterVerification": True}


@scenario(MAILS, postgres=True)
async def asked_for(s: Side) -> None:
    who = "asked@example.com"
    ada = await s.signed_up(who)
    await s.no_mail(who)
    await _ask(s.client(), who.upper(), callbackURL="/v?x=1 2&y=ä#h")
    letter = await s.mail(who)
    await s.client().open(letter.link)
    await s.client().open(letter.link)
    await ada.get("/get-session")
    await _ask(s.client(), who)
    await s.no_mail(who)


@scenario(MAILS)
async def stranger_learns_nothing(s: Side) -> None:
    await _ask(s.client(), "nobody@example.com")
    await _ask(s.browser(), "nobody@example.com")
    await s.no_mail("nobody@example.com")


@scenario(MAILS, postgres=True)
async def asked_for_by_the_user(s: Side) -> None:
    who = "user@example.com"
    ada = await s.signed_up(who)
    await _ask(ada, "another@example.com")
    await _ask(ada, "User@Example.com")
    await ada.open((await s.mail(who)).link)
    await ada.get("/get-session")
    await _ask(ada, who)
    await s.no_mail(who)


@scenario(MAILS)
async def bad_requests(s: Side) -> None:
    ada = await s.signed_up("bad@example.com")
    bodies: tuple[object, ...] = ({}, [], {"email": "x"}, {"email": None}, {"email": "a@b.c"})
    for body in bodies:
        await s.client().post("/send-verification-email", body)
    for url in ("https://evil.example", "//evil.example", "x", 5, None, ""):
        await _ask(ada, "bad@example.com", callbackURL=url)
    await s.client().get("/send-verification-email")
    await s.client().post("/verify-email", {"token": "a"})


@scenario()
async def not_offered(s: Side) -> None:
    ada = await s.signed_up("off@example.com")
    await _ask(ada, "off@example.com")
    await _ask(s.client(), "nobody@example.com")
    await _ask(s.client(), "nobody")


@scenario(MAILS)
async def bad_links(s: Side) -> None:
    who = "links@example.com"
    await s.signed_up(who)
    await _ask(s.client(), who)
    token = query_of((await s.mail(who)).link, "token")
    stranger = s.client()
    for query in (
        "",
        "?token=",
        "?token",
        "?token=a&token=b",
        "?token=a&callbackURL=/a&callbackURL=/b",
        "?token=abc",
        "?token=abc&callbackURL=",
        "?token=abc&callbackURL=/x?y=1%23h",
        "?token=abc&callbackURL=/x?y=1%26%23h",
        "?token=abc&callbackURL=/x%20y?a=%22%3C%3E%60%7B%7D^|%27%23%20%22%60%3C%3E{}'",
        "?token=abc&callbackURL=/%C3%A9/%E6%97%A5?%C3%A9%23%C3%A9",
        "?token=abc&callbackURL=http://localhost:3000/x",
        "?token=abc&callbackURL=http://localhost:3000",
        "?token=abc&callbackURL=http://localhost:3000?x%23h",
        "?token=abc&callbackURL=https://evil.example/x",
        "?token=eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImFAYi5jbyJ9.",
    ):
        await stranger.get(f"/verify-email{query}")
    await stranger.get(f"/verify-email?callbackURL=https://evil.example&token={token}")
    await stranger.get(f"/verify-email?callbackURL=http://localhost:3000/in&token={token}")


@scenario(MAILS)
async def user_is_gone(s: Side) -> None:
    who = "gone@example.com"
    await s.signed_up(who)
    await _ask(s.client(), who, callbackURL="/gone")
    letter = await s.mail(who)
    await s.sql('DELETE FROM "user" WHERE email = ?', who)
    await s.client().open(letter.link)
    await s.client().get(f"/verify-email?token={query_of(letter.link, 'token')}")


@scenario({**MAILS, "emailVerification.expiresIn": 1})
async def late(s: Side) -> None:
    who = "late@example.com"
    await s.signed_up(who)
    await _ask(s.client(), who, callbackURL="/late?a#b")
    letter = await s.mail(who)
    await asyncio.sleep(2)
    await s.client().open(letter.link)
    await s.client().get(f"/verify-email?token={query_of(letter.link, 'token')}")


@scenario(REQUIRED, postgres=True)
async def required(s: Side) -> None:
    who = "required@example.com"
    ada = await s.signed_up(who, callbackURL="/welcome?a=b")
    await ada.sign_in(who, password="not this one")
    await ada.sign_in(who, callbackURL="/in")
    letter = await s.mail(who)
    await s.no_mail(who)
    await ada.open(letter.link)
    await ada.get("/get-session")
    await ada.sign_in(who)
    await s.browser().sign_up(who)
    await s.no_mail(who)


@scenario(REQUIRED, postgres=True)
async def signed_up_by_two(s: Side) -> None:
    """The next mail is the link of the second sign-up here, and the one asked for there."""
    who = "two@example.com"
    await s.browser().sign_up(who, name="Mallory", password="what mallory knows")
    await s.mail(who)
    await s.browser().sign_up(who, name="Owner", password="what the owner knows")
    await asyncio.sleep(1)  # or both links were the same there
    await _ask(s.client(), who)
    await s.client().open((await s.mail(who)).link)
    for password in ("what mallory knows", "what the owner knows"):
        await s.browser().sign_in(who, password=password)


@scenario({**REQUIRED, "emailVerification.sendOnSignIn": True})
async def sent_at_sign_in(s: Side) -> None:
    who = "again@example.com"
    ada = await s.signed_up(who)
    await s.mail(who)
    await asyncio.sleep(1)  # or both links were the same
    await ada.sign_in(who, password="not this one")
    await s.no_mail(who)
    await ada.sign_in(who, callbackURL="/again")
    await ada.open((await s.mail(who)).link)
    await ada.sign_in(who)
    await s.no_mail(who)


@scenario({**REQUIRED, "emailVerification.sendOnSignUp": False})
async def not_sent_at_sign_up(s: Side) -> None:
    ada = await s.signed_up("unsent@example.com")
    await ada.sign_in("unsent@example.com")
    await s.no_mail("unsent@example.com")


@scenario({**MAILS, "emailVerification.sendOnSignUp": True})
async def sent_at_sign_up(s: Side) -> None:
    who = "sent@example.com"
    ada = await s.signed_up(who)
    await ada.open((await s.mail(who)).link)
    await ada.get("/get-session")
    await ada.sign_up(who, password=PASSWORD)
    await s.no_mail(who)


@scenario(SIGNS_IN, postgres=True)
async def signs_in(s: Side) -> None:
    who = "in@example.com"
    await s.signed_up(who)
    await _ask(s.client(), who, callbackURL="/in")
    letter = await s.mail(who)
    browser = s.browser()
    await browser.open(letter.link)
    await browser.get("/get-session")
    await s.browser().open(letter.link)


@scenario(SIGNS_IN)
async def signs_in_in_place_of_another(s: Side) -> None:
    who = "instead@example.com"
    await s.signed_up(who)
    await _ask(s.client(), who)
    bob = await s.signed_up("bob@example.com")
    await bob.get(f"/verify-email?token={query_of((await s.mail(who)).link, 'token')}")
    await bob.get("/get-session")


@scenario(SIGNS_IN)
async def keeps_the_session_of_the_user(s: Side) -> None:
    for number, remember in enumerate((True, False)):
        who = f"keeps{number}@example.com"
        ada = s.browser()
        await ada.sign_up(who, rememberMe=remember)
        await _ask(ada, who)
        await ada.open((await s.mail(who)).link)
        await ada.get("/get-session")
        await ada.get("/list-sessions")


@scenario({**MAILS, "advanced.disableOriginCheck": True})
async def unchecked_origins(s: Side) -> None:
    stranger, evil = s.client(), ("Origin", "https://evil.example")
    body = {"email": "nobody@example.com", "callbackURL": "https://evil.example/in"}
    await stranger.post("/send-verification-email", body, evil)
    await stranger.get("/verify-email?token=abc&callbackURL=https://evil.example/in")
    await stranger.get("/reset-password/abc?callbackURL=https://evil.example/in")


@scenario(MAILS)
async def signed_with_the_secret_itself(s: Side) -> None:
    who = "forged@example.com"
    await s.signed_up(who)
    stranger = s.client()
    for claims in ({"email": who}, {"email": who, "updateTo": "forged-new@example.com"}):
        token = jwt.encode({**claims, "iat": 1_700_000_000, "exp": 4_000_000_000}, SECRET)
        await stranger.get(f"/verify-email?token={token}&callbackURL=/in")
        await s.sql('UPDATE "user" SET "emailVerified" = ? WHERE email = ?', False, who)


@scenario(MAILS)
async def asked_for_by_a_foreign_page(s: Side) -> None:
    page = s.client()
    for header in (("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")):
        body = {"email": "nobody@example.com"}
        await page.post("/send-verification-email", body, header)


async def _ask(caller: Caller, email: str, **more: object) -> Answer:
    return await caller.post("/send-verification-email", {"email": email, **more})
