"""The plugin `anonymous`: users without an account, and the sign-ins that take their place."""

from ..scenario import scenario
from ..side import Caller, Side, query_of

ON = {"plugins": ["anonymous"]}


async def _guest(s: Side) -> Caller:
    guest = s.browser()
    await guest.post("/sign-in/anonymous")
    return guest


async def _is_there(guest: Caller, cookies: dict[str, str]) -> None:
    """Whether the session of the anonymous user is still there."""
    now = Caller(guest.side, origin=guest.origin, cookies=True)
    now.cookies = dict(cookies)
    await now.get("/get-session")


def _cookies(guest: Caller) -> dict[str, str]:
    return dict(guest.cookies or {})


@scenario(ON, postgres=True)
async def guest_comes_and_goes(s: Side) -> None:
    guest = await _guest(s)
    await guest.get("/get-session")
    await guest.get("/list-accounts")
    await guest.post("/sign-in/anonymous")
    await guest.post("/sign-in/anonymous", {})
    await guest.post("/update-user", {"name": "Guest"})
    await guest.post("/update-user", {"isAnonymous": False})
    before = _cookies(guest)
    await guest.post("/delete-anonymous-user", {})
    await _is_there(guest, before)
    await guest.get("/get-session")


@scenario(ON, postgres=True)
async def sign_up_takes_the_place(s: Side) -> None:
    guest = await _guest(s)
    before = _cookies(guest)
    await guest.sign_up("place@example.com")
    await _is_there(guest, before)
    await guest.get("/get-session")
    guest = await _guest(s)
    before = _cookies(guest)
    await guest.sign_in("place@example.com", password="wrong password")
    await _is_there(guest, before)
    await guest.sign_in("place@example.com", rememberMe=False)
    await _is_there(guest, before)


@scenario(ON)
async def user_with_an_account(s: Side) -> None:
    ada = await s.signed_up("account@example.com", isAnonymous=True)
    await ada.post("/delete-anonymous-user", {})
    await ada.post("/sign-in/anonymous")
    await ada.get("/get-session")
    await ada.sign_in("account@example.com")
    await ada.get("/list-sessions")


@scenario(ON)
async def requests_of_all_kinds(s: Side) -> None:
    await s.client().post("/sign-in/anonymous", b"{", ("Content-Type", "application/json"))
    await s.client().post("/sign-in/anonymous", b"a=b", ("Content-Type", "text/plain"))
    await s.client().post(
        "/sign-in/anonymous", b"a=b", ("Content-Type", "application/x-www-form-urlencoded")
    )
    await s.client().post("/sign-in/anonymous", {"name": "Mine", "email": "mine@example.com"})
    await s.client().get("/sign-in/anonymous")
    await s.browser(origin="https://evil.example").post("/sign-in/anonymous")
    for caller in (s.client(), s.browser(), s.client(bearer="x")):
        await caller.post("/delete-anonymous-user", {})
    await s.client().get("/delete-anonymous-user")
    forged = s.browser()
    forged.cookies = {"better-auth.session_token": "x.y"}
    await forged.post("/sign-in/anonymous")


@scenario({**ON, "emailAndPassword.autoSignIn": False})
async def sign_up_without_a_session(s: Side) -> None:
    guest = await _guest(s)
    await guest.sign_up("no-session@example.com")
    await guest.get("/get-session")


@scenario(
    {
        **ON,
        "anonymous.disableDeleteAnonymousUser": True,
        "anonymous.emailDomainName": "Guests.example.com",
        "anonymous.schema.user.fields.isAnonymous": "is_guest",
    }
)
async def guest_stays(s: Side) -> None:
    guest = await _guest(s)
    before = _cookies(guest)
    await guest.post("/delete-anonymous-user", {})
    await guest.sign_up("stays@example.com")
    await _is_there(guest, before)


@scenario({**ON, "session.cookieCache.enabled": True, "advanced.useSecureCookies": True})
async def with_cookie_cache(s: Side) -> None:
    guest = await _guest(s)
    await guest.get("/get-session")
    await guest.post("/sign-in/anonymous")
    await guest.sign_up("cache@example.com")
    guest = await _guest(s)
    await guest.post("/delete-anonymous-user", {})


@scenario(
    {
        **ON,
        "emailVerification.sendVerificationEmail": True,
        "emailVerification.autoSignInAfterVerification": True,
        "emailAndPassword.requireEmailVerification": True,
    }
)
async def verified_address_takes_the_place(s: Side) -> None:
    who = "verified@example.com"
    guest = await _guest(s)
    before = _cookies(guest)
    await guest.sign_up(who)
    await guest.open((await s.mail(who)).link)
    await _is_there(guest, before)
    await guest.get("/get-session")


@scenario({"plugins": ["anonymous", "magic-link", "email-otp", "last-login-method"]})
async def other_plugins_take_the_place(s: Side) -> None:
    guest, who = await _guest(s), "link@example.com"
    before = _cookies(guest)
    await guest.post("/sign-in/magic-link", {"email": who})
    token = query_of((await s.mail(who)).link, "token")
    await guest.get(f"/magic-link/verify?token={token}&callbackURL=/in")
    await _is_there(guest, before)
    guest, who = await _guest(s), "code@example.com"
    before = _cookies(guest)
    await guest.post("/email-otp/send-verification-otp", {"email": who, "type": "sign-in"})
    code = (await s.mail(who)).code
    await guest.post("/sign-in/email-otp", {"email": who, "otp": code})
    await _is_there(guest, before)


@scenario({**ON, "rateLimit.enabled": True})
async def limited(s: Side) -> None:
    guest = s.client(ip="203.0.113.70")
    for _ in range(4):
        await guest.post("/sign-in/anonymous")


@scenario({**ON, "secondaryStorage": True}, fresh=True)
async def in_redis(s: Side) -> None:
    guest = await _guest(s)
    before = _cookies(guest)
    await guest.sign_up("redis@example.com")
    await _is_there(guest, before)
    guest = await _guest(s)
    await guest.post("/delete-anonymous-user", {})
    await guest.get("/get-session")
