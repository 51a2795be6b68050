"""The plugin `multi-session`: several users in one browser."""

from datetime import timedelta
from typing import Any

from ..scenario import scenario
from ..side import Caller, Side

ON = {"plugins": ["multi-session"]}
LIST, SET_ACTIVE = "/multi-session/list-device-sessions", "/multi-session/set-active"
REVOKE = "/multi-session/revoke"


async def sign_up(caller: Caller, email: str, **fields: object) -> str:
    """The session token of a new user."""
    token = (await caller.sign_up(email, **fields)).json["token"]
    assert isinstance(token, str)
    return token


@scenario(ON, postgres=True)
async def switched(s: Side) -> None:
    page = s.browser()
    await page.get(LIST)
    first = await sign_up(page, "switch1@example.com")
    second = await sign_up(page, "switch2@example.com")
    third = await sign_up(page, "switch3@example.com")
    await page.get(LIST)
    await page.post(SET_ACTIVE, {"sessionToken": first})
    await page.get("/get-session")
    await page.get("/token")
    await page.post(SET_ACTIVE, {"sessionToken": first})
    await page.post(REVOKE, {"sessionToken": second})
    await page.get("/get-session")
    await page.get(LIST)
    await page.post(REVOKE, {"sessionToken": first})
    await page.get("/get-session")
    await page.post(REVOKE, {"sessionToken": first})
    await page.post(REVOKE, {"sessionToken": third})
    await page.get("/get-session")
    await page.get(LIST)
    await page.post(REVOKE, {"sessionToken": third})


@scenario(ON, postgres=True)
async def signed_out(s: Side) -> None:
    page, other = s.browser(), s.browser()
    await sign_up(page, "out1@example.com")
    await sign_up(page, "out2@example.com")
    await other.sign_in("out1@example.com")
    await page.post("/sign-out", {})
    await page.get(LIST)
    await page.get("/get-session")
    await other.get("/get-session")
    await other.get("/list-sessions")
    await page.post("/sign-out", {})


@scenario(ON, postgres=True)
async def signed_in_again(s: Side) -> None:
    page = s.browser()
    first = await sign_up(page, "again@example.com")
    await sign_up(page, "again2@example.com")
    await page.sign_in("again@example.com")
    await page.get(LIST)
    await page.get("/list-sessions")
    await page.post(SET_ACTIVE, {"sessionToken": first})
    await page.sign_in("again@example.com", rememberMe=False)
    await page.get(LIST)
    await page.sign_in("again@example.com", password="wrong password")


@scenario(ON)
async def refused(s: Side) -> None:
    page, other = s.browser(), s.browser()
    await sign_up(page, "refused@example.com")
    foreign = await sign_up(other, "refused2@example.com")
    tokens: list[Any] = ["", "unknown", foreign, foreign.lower(), "ü; x", 5, None, [], {}]
    for path in (SET_ACTIVE, REVOKE):
        for token in tokens:
            await page.post(path, {"sessionToken": token})
        await page.post(path, {})
        await page.post(path)
        await page.get(path)
        await s.client().post(path, {"sessionToken": foreign})
    await s.client().get(LIST)
    await s.client(bearer=foreign).get(LIST)
    await s.client(bearer=foreign).post(REVOKE, {"sessionToken": foreign})
    await s.client(bearer=foreign).post(SET_ACTIVE, {"sessionToken": foreign})
    evil = s.browser(origin="https://evil.example")
    evil.cookies = dict(page.cookies or {})
    await evil.post(SET_ACTIVE, {"sessionToken": foreign})


@scenario(ON)
async def other_cookies(s: Side) -> None:
    page = s.browser()
    first = await sign_up(page, "other1@example.com")
    second = await sign_up(page, "other2@example.com")
    assert page.cookies is not None
    name = "better-auth.session_token_multi-"
    one, two = page.cookies[name + first.lower()], page.cookies[name + second.lower()]
    page.cookies[name + "forged"] = one[:-8] + "AAAA%3D"
    page.cookies[name + "bare"] = first
    await page.get(LIST)
    page.cookies[name + first.lower()] = one[:-8] + "AAAA%3D"
    await page.get(LIST)
    await page.post(SET_ACTIVE, {"sessionToken": first})
    await page.post(REVOKE, {"sessionToken": first})
    page.cookies[name + first.lower()] = two
    await page.get(LIST)
    await page.post(SET_ACTIVE, {"sessionToken": first})
    page.cookies["app_multi-x"] = one
    await page.get(LIST)
    await page.post("/sign-out", {})


@scenario(ON)
async def ended_sessions(s: Side) -> None:
    page = s.browser()
    first = await sign_up(page, "ended1@example.com")
    second = await sign_up(page, "ended2@example.com")
    third = await sign_up(page, "ended3@example.com")
    await s.age("session", "ended1@example.com", expiresAt=timedelta(days=8))
    await s.sql("DELETE FROM session WHERE token = ?", second)
    await page.get(LIST)
    await page.post(SET_ACTIVE, {"sessionToken": first})
    await page.post(SET_ACTIVE, {"sessionToken": second})
    await page.get(LIST)
    await page.post(REVOKE, {"sessionToken": third})
    await page.get("/get-session")


@scenario(ON)
async def next_session(s: Side) -> None:
    page = s.browser()
    first = await sign_up(page, "next1@example.com")
    await sign_up(page, "next2@example.com")
    third = await sign_up(page, "next3@example.com", rememberMe=False)
    await s.sql("DELETE FROM session WHERE token = ?", first)
    await page.post(REVOKE, {"sessionToken": third})
    await page.get("/get-session")


@scenario({**ON, "multiSession.maximumSessions": 2})
async def too_many(s: Side) -> None:
    page = s.browser()
    for number in range(4):
        await sign_up(page, f"many{number}@example.com")
        await page.get(LIST)
    await page.sign_in("many0@example.com")
    await page.get(LIST)
    await page.post("/sign-out", {})
    await page.get(LIST)


@scenario(
    {
        **ON,
        "session.cookieCache.enabled": True,
        "session.expiresIn": 3600,
        "advanced.useSecureCookies": True,
        "advanced.cookies": {"session_token": {"attributes": {"sameSite": "strict"}}},
    }
)
async def own_cookies(s: Side) -> None:
    page = s.browser()
    first = await sign_up(page, "own1@example.com")
    second = await sign_up(page, "own2@example.com", rememberMe=False)
    await page.get(LIST)
    await page.post(SET_ACTIVE, {"sessionToken": first})
    await page.get("/get-session")
    await page.post(REVOKE, {"sessionToken": first})
    await page.post(REVOKE, {"sessionToken": second})
    await page.get("/get-session")
    await sign_up(page, "own3@example.com")
    await page.post("/sign-out", {})


@scenario({**ON, "advanced.cookiePrefix": "MyApp"})
async def capitals_in_a_name(s: Side) -> None:
    page = s.browser()
    await sign_up(page, "capitals@example.com")
    await page.post("/sign-out", {})


@scenario({**ON, "session.updateAge": 0})
async def renewed(s: Side) -> None:
    page = s.browser()
    await sign_up(page, "renewed@example.com")
    await page.get("/get-session")
    page.cookies = {k: v for k, v in (page.cookies or {}).items() if "_multi-" not in k}
    await page.get("/get-session")
    await page.get(LIST)


@scenario(ON)
async def came_later(s: Side) -> None:
    page = s.browser()
    await sign_up(page, "later@example.com")
    page.cookies = {k: v for k, v in (page.cookies or {}).items() if "_multi-" not in k}
    await page.get(LIST)
    await page.post("/update-user", {"name": "Countess"})
    await page.get(LIST)
    change = {"currentPassword": "correct horse battery", "newPassword": "another horse"}
    await page.post("/change-password", {**change, "revokeOtherSessions": True})
    await page.get(LIST)


@scenario({**ON, "secondaryStorage": True}, fresh=True)
async def stored_elsewhere(s: Side) -> None:
    page = s.browser()
    first = await sign_up(page, "elsewhere1@example.com")
    second = await sign_up(page, "elsewhere2@example.com")
    await page.get(LIST)
    await page.post(SET_ACTIVE, {"sessionToken": first})
    await page.sign_in("elsewhere2@example.com")
    await page.post(SET_ACTIVE, {"sessionToken": second})
    await page.get(LIST)
    await page.post(REVOKE, {"sessionToken": first})
    await page.post("/sign-out", {})
    await page.get(LIST)
