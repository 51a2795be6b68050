"""Sessions and verification values in Redis: what is answered, and what stands there."""

from datetime import timedelta

from tests.system.parity.options import Options
from tests.system.parity.scenario import scenario
from tests.system.parity.side import PASSWORD, Caller, Side, query_of

REDIS: Options = {"secondaryStorage": True}
BOTH: Options = {**REDIS, "session.storeSessionInDatabase": True}
PRESERVED: Options = {**BOTH, "session.preserveSessionInDatabase": True}
RESET: Options = {**REDIS, "emailAndPassword.sendResetPassword": True}
NEW = "another horse battery"


async def life(s: Side, ada: str) -> None:
    """Three sessions, and every way to end one; what is stored is compared after each step."""
    first = s.browser()
    await first.sign_up(ada)
    await s.stored()
    await first.get("/get-session")
    await first.get("/token")
    second, third = s.browser(), s.browser()
    await second.sign_in(ada, rememberMe=False)
    await third.sign_in(ada)
    await s.stored()
    await second.get("/get-session")
    listed = await first.get("/list-sessions")
    await first.post("/revoke-session", {"token": listed.json[0]["token"]})
    await s.stored()
    await second.get("/get-session")
    await third.post("/revoke-other-sessions", {})
    await first.get("/get-session")
    await s.stored()
    await third.post("/sign-out", {})
    await third.get("/get-session")
    await s.stored()


@scenario(REDIS, fresh=True)
async def life_in_redis(s: Side) -> None:
    await life(s, "life@example.com")


@scenario(BOTH, fresh=True, postgres=True)
async def life_in_both(s: Side) -> None:
    await life(s, "both@example.com")


@scenario(PRESERVED, fresh=True, postgres=True)
async def life_in_both_preserved(s: Side) -> None:
    await life(s, "preserved@example.com")


async def renewed(s: Side, ada: Caller) -> None:
    await s.storage.age(timedelta(days=2))
    await ada.get("/get-session")
    await s.stored()
    await ada.get("/get-session")


@scenario(REDIS, fresh=True)
async def renewed_in_redis(s: Side) -> None:
    await renewed(s, await s.signed_up("renewed@example.com"))


@scenario(BOTH, fresh=True)
async def renewed_in_both(s: Side) -> None:
    await renewed(s, await s.signed_up("renewed@example.com"))


@scenario(REDIS, fresh=True)
async def expired_in_redis(s: Side) -> None:
    ada = await s.signed_up("expired@example.com")
    await s.storage.age(timedelta(days=8))
    await ada.get("/get-session")
    await s.stored()
    await ada.get("/get-session")


async def lost(s: Side, ada: str) -> None:
    """Redis forgot everything."""
    first = s.browser()
    await first.sign_up(ada)
    await s.storage.lose()
    await first.get("/get-session")
    await first.get("/list-sessions")
    await first.get("/token")
    await s.stored()
    second = s.browser()
    await second.sign_in(ada)
    await second.post("/revoke-sessions", {})
    await first.get("/get-session")
    await second.get("/get-session")


@scenario(REDIS, fresh=True)
async def lost_in_redis(s: Side) -> None:
    await lost(s, "lost@example.com")


@scenario(BOTH, fresh=True)
async def lost_in_both(s: Side) -> None:
    await lost(s, "lost@example.com")


@scenario(PRESERVED, fresh=True)
async def lost_in_both_preserved(s: Side) -> None:
    await lost(s, "lost@example.com")


@scenario(REDIS)
async def foreign_session_is_not_revoked(s: Side) -> None:
    ada, eve = await s.signed_up("ada@example.com"), await s.signed_up("eve@example.com")
    listed = await ada.get("/list-sessions")
    await eve.post("/revoke-session", {"token": listed.json[0]["token"]})
    await eve.post("/revoke-session", {"token": "unknown"})
    await ada.get("/get-session")
    await ada.post("/revoke-sessions", {})
    await ada.get("/get-session")
    await eve.get("/get-session")


async def reset(s: Side, ada: str, *, compared: bool = True) -> None:
    browser = await s.signed_up(ada)
    await browser.post("/request-password-reset", {"email": ada, "redirectTo": "/reset"})
    letter = await s.mail(ada)
    if compared:
        await s.stored()
    answer = await browser.open(letter.link)
    token = query_of(answer.header("location") or "", "token")
    await browser.post("/reset-password", {"newPassword": NEW, "token": token})
    if compared:
        await s.stored()
    await browser.post("/reset-password", {"newPassword": NEW, "token": token})
    await browser.open(letter.link)
    await browser.get("/get-session")


@scenario(RESET, fresh=True)
async def reset_in_redis(s: Side) -> None:
    await reset(s, "reset@example.com")


@scenario({**RESET, "verification.storeInDatabase": True}, fresh=True, postgres=True)
async def reset_in_both(s: Side) -> None:
    await reset(s, "reset@example.com")


@scenario({**RESET, "verification.storeIdentifier": "hashed"}, fresh=True)
async def reset_hashed(s: Side) -> None:
    await reset(s, "reset@example.com", compared=False)


@scenario({**RESET, "emailAndPassword.revokeSessionsOnPasswordReset": True}, fresh=True)
async def reset_that_revokes(s: Side) -> None:
    await reset(s, "reset@example.com")


@scenario({**REDIS, "emailVerification.sendVerificationEmail": True}, fresh=True)
async def verified_user_is_in_every_session(s: Side) -> None:
    first, second = await s.signed_up("verified@example.com"), s.browser()
    await second.sign_in("verified@example.com")
    await first.post("/send-verification-email", {"email": "verified@example.com"})
    await first.open((await s.mail("verified@example.com")).link)
    await s.stored()
    await second.get("/get-session")


async def deleted(s: Side, ada: str) -> None:
    first, second, eve = await s.signed_up(ada), s.browser(), await s.signed_up("eve@example.com")
    await second.sign_in(ada)
    await first.post("/delete-user", {"password": PASSWORD})
    await second.get("/get-session")
    await second.get("/token")
    await s.stored()
    await eve.get("/get-session")


@scenario({**REDIS, "user.deleteUser.enabled": True}, fresh=True)
async def deleted_user_in_redis(s: Side) -> None:
    await deleted(s, "deleted@example.com")


@scenario({**BOTH, "user.deleteUser.enabled": True}, fresh=True, postgres=True)
async def deleted_user_in_both(s: Side) -> None:
    await deleted(s, "deleted@example.com")


@scenario({**PRESERVED, "user.deleteUser.enabled": True}, fresh=True, postgres=True)
async def deleted_user_in_both_preserved(s: Side) -> None:
    await deleted(s, "deleted@example.com")


@scenario(REDIS, fresh=True)
async def changed_password_ends_the_others(s: Side) -> None:
    first, second = await s.signed_up("changed@example.com"), s.browser()
    await second.sign_in("changed@example.com")
    body = {"currentPassword": PASSWORD, "newPassword": NEW, "revokeOtherSessions": True}
    await first.post("/change-password", body)
    await s.stored()
    await first.get("/get-session")
    await second.get("/get-session")
