"""A new password by a mailed link."""

import asyncio
from urllib.parse import urlsplit

from tests.system.parity.scenario import scenario
from tests.system.parity.side import PASSWORD, Caller, Side, query_of

MAILED = {"emailAndPassword.sendResetPassword": True}
NEW = "a better horse battery"
LONG = "x" * 129


@scenario(MAILED, postgres=True)
async def chosen(s: Side) -> None:
    ada = await s.signed_up("chosen@example.com")
    token = await _asked(s, ada, "Chosen@Example.com", redirectTo="/reset?a=1")
    await _choose(ada, token, "short")
    await _choose(ada, token, LONG)
    await _choose(ada, token, NEW)
    await _choose(ada, token, NEW)
    await ada.get("/get-session")
    await s.browser().sign_in("chosen@example.com")
    await s.browser().sign_in("chosen@example.com", password=NEW)


@scenario(MAILED)
async def link_opened(s: Side) -> None:
    ada = await s.signed_up("opened@example.com")
    for where in ("/reset?a=1", "http://localhost:3000/reset?x=y z#part", "/reset?token=mine&b=1"):
        await ada.post(
            "/request-password-reset", {"email": "opened@example.com", "redirectTo": where}
        )
        letter = await s.mail("opened@example.com")
        for _ in range(2):
            await s.browser().open(letter.link)
    await ada.post("/request-password-reset", {"email": "opened@example.com"})
    await s.browser().open((await s.mail("opened@example.com")).link)


@scenario(MAILED)
async def bad_links(s: Side) -> None:
    ada = s.client()
    for query in (
        "",
        "?callbackURL=",
        "?callbackURL=/x",
        "?callbackURL=/x&callbackURL=/y",
        "?callbackURL=http://localhost:3000",
        "?callbackURL=http://localhost:3000/a/../b%3Fq%3D1",
        "?callbackURL=https://evil.example",
        "?callbackURL=//evil.example",
        "?callbackURL=/%255cevil.example",
        "?callbackURL=javascript:alert(1)",
        "?callbackURL=x",
    ):
        await ada.get(f"/reset-password/unknown{query}")
    await ada.get("/reset-password/a%2Fb?callbackURL=/x")
    await ada.get("/reset-password/?callbackURL=/x")
    await ada.get("/reset-password/a/b?callbackURL=/x")
    await ada.post("/reset-password/unknown?callbackURL=/x", {})
    await ada.get("/reset-password?token=x")


@scenario(MAILED, postgres=True)
async def value_gone(s: Side) -> None:
    ada = await s.signed_up("expired@example.com")
    await ada.post("/request-password-reset", {"email": "expired@example.com", "redirectTo": "/x"})
    letter = await s.mail("expired@example.com")
    await s.sql("DELETE FROM verification")
    await ada.open(letter.link)
    await _choose(ada, _token_of(letter.link), NEW)


@scenario({**MAILED, "emailAndPassword.resetPasswordTokenExpiresIn": 1})
async def too_late(s: Side) -> None:
    ada = await s.signed_up("soon@example.com")
    token = await _asked(s, ada, "soon@example.com")
    await asyncio.sleep(1.2)
    await _choose(ada, token, NEW)


@scenario(MAILED)
async def asked_wrongly(s: Side) -> None:
    ada = s.browser()
    for body in (
        {"email": "nobody@example.com"},
        {"email": "nope"},
        {"email": 5},
        {},
        {"email": "nobody@example.com", "redirectTo": 5},
        {"email": "nobody@example.com", "redirectTo": None},
        {"email": "nobody@example.com", "redirectTo": "https://evil.example"},
        {"email": "nobody@example.com", "redirectTo": "//evil.example"},
        {"email": "nobody@example.com", "redirectTo": ""},
    ):
        await ada.post("/request-password-reset", body)
    await ada.post("/request-password-reset")
    await ada.get("/request-password-reset")
    await ada.post("/forget-password", {"email": "nobody@example.com"})
    await s.no_mail("nobody@example.com")


@scenario(MAILED)
async def asked_for_by_a_foreign_page(s: Side) -> None:
    page = s.client()
    for header in (("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")):
        await page.post("/request-password-reset", {"email": "nobody@example.com"}, header)


@scenario(MAILED)
async def chosen_wrongly(s: Side) -> None:
    ada = s.browser()
    for body in (
        {},
        {"newPassword": NEW},
        {"newPassword": 5},
        {"newPassword": NEW, "token": ""},
        {"newPassword": NEW, "token": None},
        {"newPassword": NEW, "token": 5},
        {"newPassword": NEW, "token": "unknown"},
        {"newPassword": "short", "token": "unknown"},
        {"newPassword": LONG, "token": "unknown"},
    ):
        await ada.post("/reset-password", body)
    await ada.post("/reset-password")
    await ada.post("/reset-password?token=unknown", {"newPassword": NEW})
    await ada.post("/reset-password?token=a&token=b", {"newPassword": NEW})


@scenario(MAILED)
async def token_in_query(s: Side) -> None:
    ada = await s.signed_up("query@example.com")
    token = await _asked(s, ada, "query@example.com")
    await ada.post(f"/reset-password?token={token}", {"newPassword": NEW})
    await s.browser().sign_in("query@example.com", password=NEW)


@scenario(MAILED)
async def several_links(s: Side) -> None:
    ada = await s.signed_up("several@example.com")
    first, second = [await _asked(s, ada, "several@example.com") for _ in range(2)]
    await _choose(ada, second, NEW)
    await _choose(ada, first, PASSWORD)
    await s.browser().sign_in("several@example.com")


@scenario({**MAILED, "emailAndPassword.revokeSessionsOnPasswordReset": True}, postgres=True)
async def sessions_revoked(s: Side) -> None:
    ada = await s.signed_up("revoked@example.com")
    token = await _asked(s, ada, "revoked@example.com")
    await _choose(ada, token, NEW)
    await ada.get("/get-session")
    await s.browser().sign_in("revoked@example.com", password=NEW)


@scenario(MAILED, postgres=True)
async def user_without_password(s: Side) -> None:
    ada = await s.signed_up("without@example.com")
    await s.sql(
        'DELETE FROM account WHERE "userId" = (SELECT id FROM "user" WHERE email = ?)',
        "without@example.com",
    )
    token = await _asked(s, ada, "without@example.com")
    await _choose(ada, token, NEW)
    await s.browser().sign_in("without@example.com", password=NEW)


@scenario(MAILED, postgres=True)
async def user_deleted_meanwhile(s: Side) -> None:
    ada = await s.signed_up("deleted@example.com")
    token = await _asked(s, ada, "deleted@example.com")
    await s.sql('DELETE FROM "user" WHERE email = ?', "deleted@example.com")
    await _choose(s.client(), token, NEW)


@scenario()
async def disabled(s: Side) -> None:
    ada = await s.signed_up("reset-disabled@example.com")
    await ada.post("/request-password-reset", {"email": "reset-disabled@example.com"})
    await ada.post("/request-password-reset", {"email": "nope"})
    await _choose(ada, "unknown", NEW)
    await ada.get("/reset-password/unknown?callbackURL=/x")


@scenario({**MAILED, "verification.storeIdentifier": "hashed"}, postgres=True)
async def identifier_hashed(s: Side) -> None:
    ada = await s.signed_up("hashed@example.com")
    token = await _asked(s, ada, "hashed@example.com")
    await ada.get(f"/reset-password/{token}?callbackURL=/x")
    await _choose(ada, token, NEW)
    await _choose(ada, token, NEW)


@scenario({**MAILED, "verification.disableCleanup": True})
async def not_cleaned_up(s: Side) -> None:
    ada = await s.signed_up("kept@example.com")
    token = await _asked(s, ada, "kept@example.com")
    await _choose(ada, token, NEW)


@scenario({**MAILED, "baseURL": "http://localhost:4000/custom/auth"})
async def under_another_path(s: Side) -> None:
    ada = await s.signed_up("path@example.com")
    await ada.post("/request-password-reset", {"email": "path@example.com", "redirectTo": "/r"})
    answer = await ada.open((await s.mail("path@example.com")).link)
    await _choose(ada, query_of(answer.header("location"), "token"), NEW)
    await ada.get("/reset-password/unknown?callbackURL=")


async def _asked(s: Side, ada: Caller, email: str, **fields: object) -> str:
    """The token of the link that was mailed."""
    await ada.post("/request-password-reset", {"email": email, **fields})
    return _token_of((await s.mail(email.lower())).link)


def _token_of(link: str) -> str:
    return urlsplit(link).path.rpartition("/")[2]


async def _choose(ada: Caller, token: str, password: str) -> None:
    await ada.post("/reset-password", {"newPassword": password, "token": token})
