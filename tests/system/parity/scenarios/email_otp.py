"""The plugin `email-otp`: codes by mail that sign in, verify, reset passwords, change addresses."""

from ..http import Answer
from ..scenario import scenario
from ..side import PASSWORD, Caller, Side

ON = {"plugins": ["email-otp"]}
CHANGES = {**ON, "emailOTP.changeEmail.enabled": True}
NEW = "another horse battery"


async def _ask(s: Side, email: str, kind: str = "sign-in") -> str:
    """The code that is mailed to a program's question."""
    await s.client().post("/email-otp/send-verification-otp", {"email": email, "type": kind})
    return (await s.mail(email.lower())).code


def _wrong(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


async def _sign_in(caller: Caller, email: str, code: object, **fields: object) -> Answer:
    return await caller.post("/sign-in/email-otp", {"email": email, "otp": code, **fields})


@scenario(ON, postgres=True)
async def new_user_signs_in(s: Side) -> None:
    who = "new@example.com"
    ada = s.browser()
    code = await _ask(s, "New@Example.com")
    await _sign_in(ada, who, code, name="Ada", image="/ada.png")
    await ada.get("/get-session")
    await ada.get("/list-accounts")
    await _sign_in(ada, who, code)
    await _sign_in(ada, "NEW@example.com", await _ask(s, who), name="Not used")
    await ada.get("/list-sessions")


@scenario(ON)
async def new_user_without_a_name(s: Side) -> None:
    await _sign_in(s.browser(), "nameless@example.com", await _ask(s, "nameless@example.com"))


@scenario(ON, postgres=True)
async def unverified_account_starts_over(s: Side) -> None:
    who = "unverified@example.com"
    mallory = await s.signed_up(who)
    ada = s.browser()
    await _sign_in(ada, who, await _ask(s, who))
    await ada.get("/list-accounts")
    await mallory.get("/get-session")
    await s.browser().sign_in(who)


@scenario(ON)
async def browser_that_forgets(s: Side) -> None:
    who = "forgets@example.com"
    ada = await s.signed_up(who, rememberMe=False)
    await _sign_in(ada, who, await _ask(s, who))
    await ada.get("/get-session")


@scenario(ON, postgres=True)
async def wrong_codes(s: Side) -> None:
    who = "wrong@example.com"
    ada, code = s.browser(), await _ask(s, who)
    for _ in range(3):
        await _sign_in(ada, who, _wrong(code))
    await _sign_in(ada, who, code)
    await _sign_in(ada, who, code)
    await _sign_in(ada, "nobody-wrong@example.com", "000000")
    await _sign_in(ada, "no address", "000000")
    await _sign_in(ada, who, "")
    code = await _ask(s, who)
    await _sign_in(ada, who, _wrong(code))
    await _sign_in(ada, who, code)


@scenario(ON)
async def expired_code(s: Side) -> None:
    who = "expired@example.com"
    code = await _ask(s, who)
    await s.sql(
        'UPDATE verification SET "expiresAt" = ? WHERE identifier = ?',
        "2026-01-01T00:00:00.000Z",
        f"sign-in-otp-{who}",
    )
    await _sign_in(s.browser(), who, code)
    await _sign_in(s.browser(), who, code)


@scenario(ON)
async def codes_are_checked(s: Side) -> None:
    who = "checked@example.com"
    await s.signed_up(who)
    ada, code = s.client(), await _ask(s, who, "email-verification")
    body = {"email": who, "type": "email-verification", "otp": code}
    await ada.post("/email-otp/check-verification-otp", body)
    await ada.post("/email-otp/check-verification-otp", {**body, "otp": _wrong(code)})
    await ada.post("/email-otp/check-verification-otp", {**body, "type": "sign-in"})
    await ada.post("/email-otp/check-verification-otp", {**body, "type": "change-email"})
    await ada.post("/email-otp/check-verification-otp", {**body, "email": "CHECKED@example.com"})
    await ada.post("/email-otp/verify-email", {"email": who, "otp": code})
    await ada.post("/email-otp/check-verification-otp", body)
    newcomer = {"email": "newcomer@example.com", "type": "sign-in"}
    code = await _ask(s, "newcomer@example.com")
    await ada.post("/email-otp/check-verification-otp", {**newcomer, "otp": code})
    await _sign_in(s.browser(), "newcomer@example.com", code)


@scenario(ON, postgres=True)
async def address_is_verified(s: Side) -> None:
    who = "verify@example.com"
    ada = await s.signed_up(who)
    code = await _ask(s, who, "email-verification")
    await ada.post("/email-otp/verify-email", {"email": who, "otp": _wrong(code)})
    await ada.post("/email-otp/verify-email", {"email": who, "otp": code})
    await ada.get("/get-session")
    await ada.post("/email-otp/verify-email", {"email": who, "otp": code})
    code = await _ask(s, who, "email-verification")
    await s.client().post("/email-otp/verify-email", {"email": who, "otp": code})
    await s.browser().sign_in(who)


@scenario({**ON, "emailVerification.autoSignInAfterVerification": True})
async def verification_signs_in(s: Side) -> None:
    who = "signs-in@example.com"
    await s.signed_up(who)
    ada, code = s.browser(), await _ask(s, who, "email-verification")
    await ada.post("/email-otp/verify-email", {"email": who, "otp": code})
    await ada.get("/get-session")


@scenario({**ON, "session.cookieCache.enabled": True})
async def verification_with_cookie_cache(s: Side) -> None:
    who = "cache@example.com"
    ada = await s.signed_up(who)
    code = await _ask(s, who, "email-verification")
    await ada.post("/email-otp/verify-email", {"email": who, "otp": code})
    await ada.get("/get-session")
    await _sign_in(ada, who, await _ask(s, who))
    await ada.get("/get-session")


@scenario(ON, postgres=True)
async def password_is_reset(s: Side) -> None:
    who = "reset@example.com"
    ada = await s.signed_up(who)
    client = s.client()
    await client.post("/email-otp/request-password-reset", {"email": who.upper()})
    code = (await s.mail(who)).code
    body = {"email": who, "otp": code, "password": NEW}
    await client.post("/email-otp/reset-password", {**body, "password": "short"})
    await client.post("/email-otp/reset-password", {**body, "password": "x" * 200})
    await client.post("/email-otp/reset-password", {**body, "otp": _wrong(code)})
    await client.post("/email-otp/reset-password", {**body, "email": "nobody@example.com"})
    await client.post("/email-otp/reset-password", body)
    await client.post("/email-otp/reset-password", body)
    await ada.get("/get-session")
    await s.browser().sign_in(who)
    await s.browser().sign_in(who, password=NEW)


@scenario({**ON, "emailAndPassword.revokeSessionsOnPasswordReset": True})
async def reset_ends_sessions(s: Side) -> None:
    who = "ends@example.com"
    ada = await s.signed_up(who)
    await s.client().post("/forget-password/email-otp", {"email": who})
    code = (await s.mail(who)).code
    body = {"email": who, "otp": code, "password": NEW}
    await s.client().post("/email-otp/reset-password", body)
    await ada.get("/get-session")


@scenario(ON)
async def first_password(s: Side) -> None:
    who = "first@example.com"
    ada = s.browser()
    await _sign_in(ada, who, await _ask(s, who))
    code = await _ask(s, who, "forget-password")
    body = {"email": who, "otp": code, "password": NEW}
    await s.client().post("/email-otp/reset-password", body)
    await ada.get("/list-accounts")
    await s.browser().sign_in(who, password=NEW)


@scenario(ON)
async def stranger_learns_nothing(s: Side) -> None:
    who = "nobody@example.com"
    for kind in ("email-verification", "forget-password"):
        body = {"email": who, "type": kind}
        await s.client().post("/email-otp/send-verification-otp", body)
    await s.client().post("/email-otp/request-password-reset", {"email": who})
    await s.client().post("/forget-password/email-otp", {"email": who})
    await s.no_mail(who)


@scenario(CHANGES)
async def guesses_at_strangers(s: Side) -> None:
    who = "guessed@example.com"
    await s.client().post("/email-otp/request-password-reset", {"email": who})
    body = {"email": who, "otp": "x", "password": NEW}
    for _ in range(5):
        await s.client().post("/email-otp/reset-password", body)
    ada = await s.signed_up("guesses@example.com")
    await s.signed_up("guessed-taken@example.com")
    taken = {"newEmail": "guessed-taken@example.com"}
    await ada.post("/email-otp/request-email-change", taken)
    for _ in range(5):
        await ada.post("/email-otp/change-email", {**taken, "otp": "x"})


@scenario(CHANGES, postgres=True)
async def address_changes(s: Side) -> None:
    who, new = "change@example.com", "changed@example.com"
    ada = await s.signed_up(who)
    await s.signed_up("taken@example.com")
    await ada.post("/email-otp/request-email-change", {"newEmail": "Changed@Example.com"})
    code = (await s.mail(new)).code
    await ada.post("/email-otp/change-email", {"newEmail": new, "otp": _wrong(code)})
    await ada.post("/email-otp/change-email", {"newEmail": "else@example.com", "otp": code})
    await ada.post("/email-otp/change-email", {"newEmail": "CHANGED@example.com", "otp": code})
    await ada.get("/get-session")
    await ada.post("/email-otp/change-email", {"newEmail": new, "otp": code})
    await ada.post("/email-otp/request-email-change", {"newEmail": "taken@example.com"})
    await s.no_mail("taken@example.com")
    await ada.post("/email-otp/request-email-change", {"newEmail": "x", "otp": "1"})
    await ada.post("/email-otp/request-email-change", {"newEmail": "late@example.com", "otp": "1"})
    code = (await s.mail("late@example.com")).code
    await s.signed_up("late@example.com")
    await ada.post("/email-otp/change-email", {"newEmail": "late@example.com", "otp": code})


@scenario({**CHANGES, "emailOTP.changeEmail.verifyCurrentEmail": True})
async def address_changes_with_both_codes(s: Side) -> None:
    who, new = "both@example.com", "both-new@example.com"
    ada = await s.signed_up(who)
    for code in (None, "", "000000", 5):
        await ada.post("/email-otp/request-email-change", {"newEmail": new, "otp": code})
    await ada.post("/email-otp/request-email-change", {"newEmail": new})
    code = await _ask(s, who, "email-verification")
    await ada.post("/email-otp/request-email-change", {"newEmail": new, "otp": code})
    letter = await s.mail(new)
    await ada.post("/email-otp/change-email", {"newEmail": new, "otp": letter.code})
    await ada.get("/get-session")


@scenario(ON)
async def address_may_not_change(s: Side) -> None:
    ada = await s.signed_up("stays@example.com")
    for caller in (ada, s.browser(), s.client()):
        await caller.post("/email-otp/request-email-change", {"newEmail": "x@example.com"})
        await caller.post("/email-otp/change-email", {"newEmail": "x@example.com", "otp": "1"})


@scenario(CHANGES)
async def bad_requests(s: Side) -> None:
    who = "bad@example.com"
    ada = await s.signed_up(who)
    bodies: tuple[object, ...] = (
        {},
        [],
        {"email": "x", "type": "sign-in", "otp": "1", "password": PASSWORD, "newEmail": "x"},
        {"email": 5, "type": 5, "otp": 5, "password": 5, "newEmail": 5, "name": 5, "image": 5},
        {"email": None, "type": None, "otp": None, "password": None, "newEmail": None},
        {"email": who, "type": "other", "otp": "1"},
        {"email": who, "type": "change-email", "newEmail": who, "otp": "1"},
        {"email": who, "otp": "1", "password": PASSWORD, "name": None, "image": None},
    )
    for path in (
        "/email-otp/send-verification-otp",
        "/email-otp/check-verification-otp",
        "/email-otp/verify-email",
        "/sign-in/email-otp",
        "/email-otp/request-password-reset",
        "/forget-password/email-otp",
        "/email-otp/reset-password",
        "/email-otp/request-email-change",
        "/email-otp/change-email",
    ):
        for body in bodies:
            await ada.post(path, body)
        await ada.get(path)
        await s.browser(origin="https://evil.example").post(path, {"email": who, "type": "sign-in"})
    for path in ("create-verification-otp", "get-verification-otp"):
        await s.client().get(f"/email-otp/{path}?email={who}&type=sign-in")


@scenario({**ON, "emailOTP.disableSignUp": True, "emailOTP.storeOTP": "hashed"})
async def nobody_signs_up(s: Side) -> None:
    who = "known@example.com"
    await s.signed_up(who)
    code = await _ask(s, who)
    await _sign_in(s.browser(), who, _wrong(code))
    await _sign_in(s.browser(), who, code)
    body = {"email": "unknown@example.com", "type": "sign-in"}
    await s.client().post("/email-otp/send-verification-otp", body)
    await s.no_mail("unknown@example.com")
    await _sign_in(s.browser(), "unknown@example.com", "000000")


@scenario(
    {
        **ON,
        "emailOTP.storeOTP": "encrypted",
        "emailOTP.resendStrategy": "reuse",
        "emailOTP.otpLength": 8,
        "emailOTP.expiresIn": 60,
        "emailOTP.allowedAttempts": 2,
    }
)
async def same_code_again(s: Side) -> None:
    who = "again@example.com"
    first = await _ask(s, who)
    await _sign_in(s.browser(), who, _wrong(first))
    await _ask(s, who)
    await _sign_in(s.browser(), who, _wrong(first))
    last = await _ask(s, who)
    await _sign_in(s.browser(), who, last)


@scenario({**ON, "emailOTP.sendVerificationOnSignUp": True})
async def code_at_sign_up(s: Side) -> None:
    who = "at-sign-up@example.com"
    ada = await s.signed_up(who)
    code = (await s.mail(who)).code
    await ada.post("/email-otp/verify-email", {"email": who, "otp": code})
    await ada.get("/get-session")


@scenario(
    {
        **ON,
        "emailOTP.overrideDefaultEmailVerification": True,
        "emailAndPassword.requireEmailVerification": True,
        "emailVerification.sendOnSignIn": True,
    },
    ours={"BETTER_AUTH_EMAIL_VERIFICATION_SEND_VERIFICATION_EMAIL": "true"},
)
async def code_in_place_of_the_link(s: Side) -> None:
    who = "override@example.com"
    ada = s.browser()
    await ada.sign_up(who)
    await s.mail(who)
    await ada.sign_in(who)
    await s.mail(who)
    await s.client().post("/send-verification-email", {"email": who})
    code = (await s.mail(who)).code
    await ada.post("/email-otp/verify-email", {"email": who, "otp": code})
    await ada.sign_in(who)


@scenario(
    {
        **ON,
        "rateLimit.enabled": True,
        "emailOTP.rateLimit.window": 30,
        "emailOTP.rateLimit.max": 2,
    }
)
async def limited(s: Side) -> None:
    ada = s.client(ip="203.0.113.60")
    for path in (
        "/email-otp/send-verification-otp",
        "/email-otp/check-verification-otp",
        "/email-otp/verify-email",
        "/sign-in/email-otp",
        "/email-otp/request-password-reset",
        "/forget-password/email-otp",
        "/email-otp/reset-password",
        "/email-otp/request-email-change",
        "/email-otp/change-email",
    ):
        for _ in range(3):
            await ada.post(path, {})


@scenario({"plugins": ["email-otp", "last-login-method"]})
async def last_login_method(s: Side) -> None:
    await _sign_in(s.browser(), "method@example.com", await _ask(s, "method@example.com"))


@scenario(
    {
        **ON,
        "user.additionalFields": {
            "city": {"type": "string", "required": True},
            "role": {"type": "string", "input": False, "defaultValue": "user"},
            "rank": {"type": "number", "input": False, "required": False},
        },
    }
)
async def fields_of_a_new_user(s: Side) -> None:
    who = "fields@example.com"
    ada = s.browser()
    await _sign_in(ada, who, await _ask(s, who), city="Paris", role="admin")
    await _sign_in(ada, "rank@example.com", await _ask(s, "rank@example.com"), city="P", rank=5)
    await _sign_in(ada, "none@example.com", await _ask(s, "none@example.com"))
    await _sign_in(ada, who, await _ask(s, who), rank=5)


@scenario({**ON, "secondaryStorage": True}, fresh=True)
async def in_redis(s: Side) -> None:
    who = "redis@example.com"
    mallory = await s.signed_up(who)
    code = await _ask(s, who)
    await _sign_in(s.browser(), who, _wrong(code))
    ada = s.browser()
    await _sign_in(ada, who, code)
    await _sign_in(ada, who, code)
    await ada.get("/get-session")
    await mallory.get("/get-session")


@scenario(
    {
        "plugins": ["email-otp", "admin"],
        "emailVerification.autoSignInAfterVerification": True,
    }
)
async def banned_user(s: Side) -> None:
    who = "banned@example.com"
    await s.signed_up(who)
    await s.sql('UPDATE "user" SET banned = ? WHERE email = ?', 1, who)
    await _sign_in(s.browser(), who, await _ask(s, who))
    code = await _ask(s, who, "email-verification")
    await s.browser().post("/email-otp/verify-email", {"email": who, "otp": code})
    code = await _ask(s, who, "forget-password")
    body = {"email": who, "otp": code, "password": NEW}
    await s.browser().post("/email-otp/reset-password", body)
    await s.browser().sign_in(who, password=NEW)
