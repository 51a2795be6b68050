"""Deleting one's own account."""

from datetime import timedelta

from tests.system.parity.scenario import scenario
from tests.system.parity.side import PASSWORD, Side, query_of

ENABLED = {"user.deleteUser.enabled": True}
MAILED = {**ENABLED, "user.deleteUser.sendDeleteAccountVerification": True}


@scenario(ENABLED, postgres=True)
async def deleted(s: Side) -> None:
    ada = await s.signed_up("deleted@example.com")
    elsewhere = s.browser()
    await elsewhere.sign_in("deleted@example.com")
    await ada.post("/delete-user", {})
    await elsewhere.get("/get-session")
    await s.browser().sign_in("deleted@example.com")
    await s.browser().sign_up("deleted@example.com")


@scenario(ENABLED, postgres=True)
async def deleted_with_password(s: Side) -> None:
    ada = await s.signed_up("password@example.com")
    await s.age("session", "password@example.com", createdAt=timedelta(days=2))
    for password in ("", "wrong", "x" * 129, PASSWORD):
        await ada.post("/delete-user", {"password": password, "callbackURL": "/bye"})
    await ada.get("/get-session")


@scenario(ENABLED)
async def asked_wrongly(s: Side) -> None:
    ada = await s.signed_up("wrongly@example.com")
    bodies: tuple[object, ...] = (
        {"password": 5},
        {"password": None},
        {"token": 5},
        {"callbackURL": 5},
        {"callbackURL": "https://evil.example"},
        {"token": "unknown"},
        {"token": "unknown", "password": "wrong"},
        [],
    )
    for body in bodies:
        await ada.post("/delete-user", body)
        await s.browser().post("/delete-user", body)
    await ada.post("/delete-user")
    await ada.get("/delete-user")
    await ada.get("/delete-user/callback?token=unknown")


@scenario(ENABLED, postgres=True)
async def user_without_password(s: Side) -> None:
    ada = await s.signed_up("without@example.com")
    await s.sql(
        "UPDATE account SET password = NULL"
        ' WHERE "userId" = (SELECT id FROM "user" WHERE email = ?)',
        "without@example.com",
    )
    await ada.post("/delete-user", {"password": PASSWORD})
    await ada.post("/delete-user", {})


@scenario({**ENABLED, "session.freshAge": 0})
async def old_session_where_none_is_stale(s: Side) -> None:
    ada = await s.signed_up("old@example.com")
    await s.age("session", "old@example.com", createdAt=timedelta(days=2))
    await ada.post("/delete-user", {})


@scenario(ENABLED)
async def forgetful_session(s: Side) -> None:
    ada = s.browser()
    await ada.sign_up("forgetful@example.com", rememberMe=False)
    await ada.post("/delete-user", {})


@scenario(ENABLED)
async def program(s: Side) -> None:
    token = (await s.client().sign_up("program@example.com")).json["token"]
    await s.client(bearer=token).post("/delete-user", {"password": PASSWORD})
    await s.client(bearer=token).get("/get-session")


@scenario(MAILED, postgres=True)
async def link_opened(s: Side) -> None:
    ada = await s.signed_up("opened@example.com")
    await ada.post("/delete-user", {"callbackURL": "/bye?a=1"})
    letter = await s.mail("opened@example.com")
    await s.browser().open(letter.link)
    await ada.open(letter.link)
    await ada.open(letter.link)
    await ada.get("/get-session")


@scenario(MAILED)
async def link_without_page(s: Side) -> None:
    ada = await s.signed_up("pageless@example.com")
    await ada.post("/delete-user", {"password": PASSWORD})
    letter = await s.mail("pageless@example.com")
    await ada.get(f"/delete-user/callback?token={query_of(letter.link, 'token')}")


@scenario(MAILED)
async def link_of_another(s: Side) -> None:
    ada = await s.signed_up("mine@example.com")
    eve = await s.signed_up("other@example.com")
    await ada.post("/delete-user", {})
    letter = await s.mail("mine@example.com")
    await eve.open(letter.link)
    await ada.open(letter.link)


@scenario(MAILED, postgres=True)
async def token_posted(s: Side) -> None:
    ada = await s.signed_up("posted@example.com")
    await ada.post("/delete-user", {})
    token = query_of((await s.mail("posted@example.com")).link, "token")
    await ada.post("/delete-user", {"token": token, "password": "wrong"})
    await ada.post("/delete-user", {"token": token})
    await ada.get("/get-session")


@scenario(MAILED)
async def bad_links(s: Side) -> None:
    ada = await s.signed_up("bad@example.com")
    for query in (
        "",
        "?token=",
        "?token=unknown",
        "?token=a&token=b",
        "?token=unknown&callbackURL=/x",
        "?token=unknown&callbackURL=https://evil.example",
        "?token=unknown&callbackURL=//evil.example",
    ):
        await ada.get(f"/delete-user/callback{query}")
        await s.client().get(f"/delete-user/callback{query}")


@scenario({**MAILED, "user.deleteUser.deleteTokenExpiresIn": 60})
async def expiry_of_the_link(s: Side) -> None:
    ada = await s.signed_up("expiry@example.com")
    await ada.post("/delete-user", {})
    letter = await s.mail("expiry@example.com")
    await s.sql("DELETE FROM verification")
    await ada.open(letter.link)


@scenario()
async def disabled(s: Side) -> None:
    ada = await s.signed_up("disabled@example.com")
    for caller in (s.client(), ada):
        await caller.post("/delete-user", {})
        await caller.get("/delete-user/callback?token=x")
        await caller.get("/delete-user/callback")
