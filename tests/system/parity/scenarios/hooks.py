"""The same functions in Python and in JavaScript: what they change, and how they refuse."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import PASSWORD, Side, query_of

_FIELDS = {
    "hooks": "users",
    "user.additionalFields": {"team": {"type": "string", "required": False, "input": False}},
    "session.additionalFields": {"device": {"type": "string", "required": False, "input": False}},
    "user.deleteUser.enabled": True,
}
_REQUIRED = {
    **_FIELDS,
    "emailAndPassword.requireEmailVerification": True,
    "emailVerification.sendVerificationEmail": True,
}
_ACCOUNTS = {
    "hooks": "accounts",
    "emailVerification.sendVerificationEmail": True,
    "emailVerification.sendOnSignUp": True,
    "emailAndPassword.sendResetPassword": True,
}


@scenario(_FIELDS, postgres=True)
async def user_and_session_are_changed(s: Side) -> None:
    ada = await s.signed_up("changed@example.com")
    await ada.get("/get-session")
    await ada.get("/list-sessions")
    await ada.post("/update-user", {"name": "Bo"})
    await ada.post("/update-user", {"image": "https://example.com/bo.png"})
    await ada.get("/get-session")
    elsewhere = s.browser()
    await elsewhere.sign_in("changed@example.com")
    await elsewhere.get("/get-session")
    await elsewhere.post("/sign-out", {})


@scenario(_FIELDS, postgres=True)
async def user_is_refused(s: Side) -> None:
    for _ in range(2):
        await s.browser().sign_up("ada@evil.example")
        await s.browser().sign_up("twice@example.com")
    await s.browser().sign_in("ada@evil.example")
    await s.browser().sign_in("twice@example.com")


@scenario(_REQUIRED, postgres=True)
async def user_is_refused_where_nobody_learns_who_has_an_account(s: Side) -> None:
    await s.browser().sign_up("free@evil.example")
    await s.browser().sign_up("twice.free@example.com")
    await s.browser().sign_up("verified.first@example.com")
    await s.mail("verified.first@example.com")
    await s.browser().sign_up("verified.first@example.com")


@scenario(_FIELDS, postgres=True)
async def change_is_refused(s: Side) -> None:
    ada = await s.signed_up("unchanged@example.com")
    await ada.post("/update-user", {"name": "root"})
    await ada.get("/get-session")


@scenario(_FIELDS, postgres=True)
async def deletion_is_refused(s: Side) -> None:
    ada = await s.signed_up("keeper@example.com")
    await ada.post("/delete-user", {"password": PASSWORD})
    await s.browser().sign_in("keeper@example.com")


@scenario({**_FIELDS, "emailAndPassword.autoSignIn": False}, postgres=True)
async def session_is_refused(s: Side) -> None:
    await s.browser().sign_up("closed@example.com")
    closed = s.browser()
    await closed.sign_in("closed@example.com")
    await closed.get("/get-session")
    await closed.sign_in("closed@example.com", password="wrong password")


@scenario({"hooks": "tokens", "jwt.alg": "EdDSA"}, postgres=True)
async def token_has_other_claims(s: Side) -> None:
    await s.client().get("/jwks")
    ada = await s.signed_up("claims@example.com")
    await ada.get("/token")
    await ada.get("/get-session")


@scenario(_ACCOUNTS, postgres=True)
async def outsiders_are_refused(s: Side) -> None:
    await s.browser().sign_up("outsider@example.com")
    await s.browser().sign_up("insider@example.com")
    await s.browser().sign_in("insider@example.com")
    await s.browser().sign_in("insider@example.com", password="wrong password")


@scenario(_ACCOUNTS)
async def proof_of_an_address_is_refused(s: Side) -> None:
    for email in ("early@example.com", "late@example.com", "timely@example.com"):
        ada = await s.signed_up(email)
        letter = await s.mail(email)
        await ada.open(letter.link)
        await ada.get("/get-session?disableCookieCache=true")


@scenario(_ACCOUNTS)
async def reset_is_refused_after_it_happened(s: Side) -> None:
    for email in ("forgetful@example.com", "mindful@example.com"):
        await s.signed_up(email)
        await s.mail(email)
        browser = s.browser()
        await browser.post("/request-password-reset", {"email": email, "redirectTo": "/new"})
        opened = await browser.open((await s.mail(email)).link)
        token = query_of(opened.header("location") or "", "token")
        body = {"newPassword": "a new password", "token": token}
        await browser.post("/reset-password", body)
        await browser.sign_in(email)
        await browser.sign_in(email, password="a new password")
