"""Reading a session, renewing it, and what its cookie may look like."""

import hmac
from base64 import b64encode
from datetime import timedelta
from urllib.parse import quote, unquote

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Caller, Side

COOKIE = "better-auth.session_token"
OLD, NEW = "old-secret-of-these-tests-k3J9vQ2mX7pL4", "new-secret-of-these-tests-8fQ1zWc5nB0yT"


def _cookie(caller: Caller) -> str:
    assert caller.cookies is not None
    return caller.cookies[COOKIE]


@scenario(postgres=True)
async def read(s: Side) -> None:
    await s.client().get("/get-session")
    ada = await s.signed_up("read@example.com")
    await ada.get("/get-session")
    await ada.get("/token")
    await ada.get("/get-session", ("Origin", "https://evil.com"))
    await s.sql('UPDATE "user" SET name = ? WHERE email = ?', "Countess", "read@example.com")
    await ada.get("/get-session")


@scenario(postgres=True)
async def expired(s: Side) -> None:
    ada = await s.signed_up("expired@example.com")
    eve = s.client(bearer=unquote(_cookie(ada)))
    await s.age("session", "expired@example.com", expiresAt=timedelta(days=8))
    header = ("Cookie", f"{COOKIE}={_cookie(ada)}")
    await ada.get("/get-session")
    await s.client().get("/get-session", header)
    await eve.get("/get-session")


@scenario(postgres=True)
async def guarded_when_expired(s: Side) -> None:
    ada = await s.signed_up("expired2@example.com")
    await s.age("session", "expired2@example.com", expiresAt=timedelta(days=8))
    await ada.get("/list-sessions")
    await ada.get("/get-session")


@scenario()
async def forms_of_the_cookie(s: Side) -> None:
    ada = await s.signed_up("forms@example.com")
    signed = unquote(_cookie(ada))
    token, _, signature = signed.rpartition(".")
    someone = s.client()
    for value in (
        signed,
        f'"{signed}"',
        f'"{_cookie(ada)}"',
        token,
        f"{token}.",
        f"{token}.{signature[:-1]}",
        f"{token}.{signature}=",
        f"{token}x.{signature}",
        f".{signature}",
        "garbage",
        "",
        "A.B.C",
        "%",
        "%zz",
        "%E0%A4%A",
        signed.replace("=", "%3d").replace("+", "%2b").replace("/", "%2f"),
    ):
        await someone.get("/get-session", ("Cookie", f"{COOKIE}={value}"))
    await someone.get("/get-session", ("Cookie", f"{COOKIE}={_cookie(ada)}; {COOKIE}=bad"))
    await someone.get("/get-session", ("Cookie", f"__Secure-{COOKIE}={_cookie(ada)}"))
    await someone.get("/get-session", ("Cookie", f"a=b;{COOKIE}={_cookie(ada)};c"))
    await someone.get("/get-session", ("Cookie", f" {COOKIE} = {_cookie(ada)} "))


@scenario({"secrets": [{"version": 2, "value": NEW}, {"version": 1, "value": OLD}]})
async def older_secret(s: Side) -> None:
    ada = await s.signed_up("older@example.com")
    token = unquote(_cookie(ada)).partition(".")[0]
    for secret in (NEW, OLD):
        mac = hmac.digest(secret.encode(), token.encode(), "sha256")
        cookie = f"{COOKIE}={token}.{quote(b64encode(mac), safe='')}"
        await s.client().get("/get-session", ("Cookie", cookie))


@scenario()
async def several_cookies_of_a_name(s: Side) -> None:
    ada = await s.signed_up("several@example.com")
    someone = s.client()
    await someone.get("/get-session", ("Cookie", f"{COOKIE}=bad; {COOKIE}={_cookie(ada)}"))
    await someone.get(
        "/get-session", ("Cookie", f"{COOKIE}={_cookie(ada)}; {COOKIE}={_cookie(ada)}")
    )


@scenario()
async def cookies_of_a_cache_that_is_off(s: Side) -> None:
    ada = await s.signed_up("nocache@example.com")
    mine = f"{COOKIE}={_cookie(ada)}"
    for more in (
        "better-auth.session_data=abc",
        "better-auth.session_data.0=a; better-auth.session_data.1=b",
        "better-auth.dont_remember=true.bogus",
        "better-auth.session_data=",
        "better-auth.session_data",
        'better-auth.session_data=""',
        "better-auth.session_data.0=; better-auth.session_data.1=",
        "better-auth.session_data=; better-auth.session_data.0=a",
        "better-auth.session_data.00=a",
    ):
        await s.client().get("/get-session", ("Cookie", f"{mine}; {more}"))
        await s.client().get("/get-session", ("Cookie", more))


@scenario(postgres=True)
async def gone(s: Side) -> None:
    """The session, then the user, was deleted behind our back."""
    ada, bob = await s.signed_up("gone1@example.com"), await s.signed_up("gone2@example.com")
    await s.sql("DELETE FROM session WHERE token = ?", unquote(_cookie(ada)).partition(".")[0])
    await ada.get("/get-session")
    await s.sql('DELETE FROM "user" WHERE email = ?', "gone2@example.com")
    await bob.get("/get-session")
    await bob.get("/list-sessions")


@scenario(postgres=True)
async def renewed_by_default(s: Side) -> None:
    ada = await s.signed_up("renewed@example.com")
    by = timedelta(hours=23)
    await s.age("session", "renewed@example.com", expiresAt=by, updatedAt=by)
    await ada.get("/get-session")
    by = timedelta(hours=2)
    await s.age("session", "renewed@example.com", expiresAt=by, updatedAt=by)
    await ada.get("/get-session?disableRefresh=true")
    await ada.get("/get-session")
    await ada.get("/get-session")


@scenario({"session.updateAge": 0, "session.expiresIn": 3600}, postgres=True)
async def renewed_at_every_read(s: Side) -> None:
    ada = await s.signed_up("everyread@example.com")
    await s.age("session", "everyread@example.com", expiresAt=timedelta(minutes=30))
    await ada.get("/get-session")
    await ada.get("/get-session?disableRefresh=1")
    await ada.get("/token")
    await ada.get("/list-sessions")
    await ada.post("/revoke-session", {"token": "x"})
    bob = s.browser()
    await bob.sign_in("everyread@example.com", rememberMe=False)
    await bob.get("/get-session")
    await bob.post("/revoke-other-sessions", {})


@scenario({"session.updateAge": 0, "session.disableSessionRefresh": True})
async def never_renewed(s: Side) -> None:
    ada = await s.signed_up("never@example.com")
    await s.age("session", "never@example.com", expiresAt=timedelta(days=2))
    await ada.get("/get-session")
    await ada.get("/token")


@scenario({"session.updateAge": 0, "session.deferSessionRefresh": True}, postgres=True)
async def renewed_by_post(s: Side) -> None:
    ada = await s.signed_up("deferred@example.com")
    await s.age("session", "deferred@example.com", expiresAt=timedelta(days=2))
    await ada.get("/get-session")
    await ada.get("/get-session?disableRefresh=true")
    await ada.post("/get-session")
    await ada.post("/get-session", {})
    await ada.post("/get-session", b"", ("Content-Type", "application/json"))
    await ada.get("/token")
    bob = s.browser()
    await bob.sign_in("deferred@example.com", rememberMe=False)
    await bob.get("/get-session")
    await bob.post("/get-session")
    await s.client().post("/get-session")


@scenario({"session.deferSessionRefresh": True}, postgres=True)
async def expired_while_deferred(s: Side) -> None:
    ada = await s.signed_up("deferred2@example.com")
    header = ("Cookie", f"{COOKIE}={_cookie(ada)}")
    await ada.get("/get-session")
    await s.age("session", "deferred2@example.com", expiresAt=timedelta(days=8))
    await s.browser().get("/get-session", header)
    await s.browser().post("/get-session", {}, header)
    await s.browser().get("/get-session", header)


@scenario()
async def post_without_deferring(s: Side) -> None:
    await s.client().post("/get-session")
    ada = await s.signed_up("post@example.com")
    await ada.post("/get-session")
    await ada.post("/get-session", {})


@scenario({"session.expiresIn": 34560000})
async def longest_life(s: Side) -> None:
    ada = await s.signed_up("longest@example.com")
    await ada.get("/get-session")


@scenario({"session.expiresIn": 60, "session.updateAge": 30})
async def short_life(s: Side) -> None:
    ada = await s.signed_up("short@example.com")
    await ada.get("/get-session")
    by = timedelta(seconds=31)
    await s.age("session", "short@example.com", expiresAt=by, updatedAt=by)
    await ada.get("/get-session")
    await ada.sign_in("short@example.com", rememberMe=False)
    await ada.get("/get-session")
