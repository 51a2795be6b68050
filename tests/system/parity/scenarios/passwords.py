"""Changing and checking the password of who is signed in."""

from datetime import timedelta

from tests.system.parity.http import Answer
from tests.system.parity.scenario import scenario
from tests.system.parity.side import PASSWORD, Caller, Side

NEW = "a better horse battery"
LONG = "x" * 129


@scenario(postgres=True)
async def changed(s: Side) -> None:
    ada = await s.signed_up("changed@example.com")
    elsewhere = s.browser()
    await elsewhere.sign_in("changed@example.com")
    await _change(ada)
    await ada.get("/get-session")
    await elsewhere.get("/get-session")
    await s.browser().sign_in("changed@example.com")
    await s.browser().sign_in("changed@example.com", password=NEW)


@scenario(postgres=True)
async def changed_and_revoked(s: Side) -> None:
    ada = await s.signed_up("revoked@example.com")
    elsewhere = s.browser()
    await elsewhere.sign_in("revoked@example.com")
    await _change(ada, revokeOtherSessions=True)
    await ada.get("/get-session")
    await ada.get("/list-sessions")
    await elsewhere.get("/get-session")


@scenario()
async def forgetful_session_changed_and_revoked(s: Side) -> None:
    ada = s.browser()
    await ada.sign_up("forgetful@example.com", rememberMe=False)
    await _change(ada, revokeOtherSessions=True)
    await ada.get("/get-session")
    await ada.get("/list-sessions")


@scenario()
async def bearer_changed_and_revoked(s: Side) -> None:
    signed_up = await s.client().sign_up("bearer@example.com")
    ada = s.client(bearer=signed_up.json["token"])
    await _change(ada, revokeOtherSessions=True)
    await ada.get("/get-session")


@scenario()
async def refused(s: Side) -> None:
    ada = await s.signed_up("refused@example.com")
    for new, current in (
        ("short", LONG),
        (LONG, LONG),
        (NEW, LONG),
        (NEW, "wrong"),
        (NEW, ""),
        ("", ""),
        (5, PASSWORD),
        (None, None),
    ):
        await _change(ada, new, current)
    await _change(ada, revokeOtherSessions="yes")
    await _change(ada, revokeOtherSessions=None)
    await _change(ada, PASSWORD, userId="x")
    await ada.post("/change-password")
    await ada.post("/change-password", [])
    await ada.get("/change-password")
    await _change(s.client())
    await s.client().post("/change-password", {})


@scenario({"emailAndPassword.minPasswordLength": 3, "emailAndPassword.maxPasswordLength": 20})
async def bounds(s: Side) -> None:
    ada = await s.signed_up("bounds@example.com", password="abc")
    for new in ("ab", "x" * 21, "\U0001f600" * 10, "\U0001f600" * 11):
        await _change(ada, new, "abc")


@scenario(postgres=True)
async def without_a_password(s: Side) -> None:
    who = "without@example.com"
    ada = await s.signed_up(who)
    await s.sql(f'UPDATE account SET password = NULL WHERE "userId" IN {_OWNER}', who)
    await _change(ada)
    await _verify(ada)
    await s.sql(f'UPDATE account SET "providerId" = ? WHERE "userId" IN {_OWNER}', "google", who)
    await _change(ada)
    await _verify(ada)


@scenario(postgres=True)
async def verified(s: Side) -> None:
    ada = await s.signed_up("verified@example.com")
    for password in (PASSWORD, "wrong", "", LONG, 5, None):
        await _verify(ada, password)
    await ada.post("/verify-password", {})
    await ada.get("/verify-password")
    await _verify(s.client())


@scenario()
async def dead_session(s: Side) -> None:
    ada = await s.signed_up("dead@example.com")
    await s.age("session", "dead@example.com", expiresAt=timedelta(days=8))
    await _change(ada)
    await _verify(ada)


@scenario()
async def set_password_is_no_route(s: Side) -> None:
    ada = await s.signed_up("set@example.com")
    await ada.post("/set-password", {"newPassword": NEW})


_OWNER = '(SELECT id FROM "user" WHERE email = ?)'


async def _change(
    caller: Caller, new: object = NEW, current: object = PASSWORD, **more: object
) -> Answer:
    body = {"newPassword": new, "currentPassword": current, **more}
    return await caller.post("/change-password", body)


async def _verify(caller: Caller, password: object = PASSWORD) -> Answer:
    return await caller.post("/verify-password", {"password": password})


@scenario({"session.updateAge": 0})
async def changed_with_a_session_that_is_due(s: Side) -> None:
    ada = await s.signed_up("due@example.com")
    body = {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
    await ada.post("/change-password", {**body, "revokeOtherSessions": True})
    await ada.get("/get-session")
