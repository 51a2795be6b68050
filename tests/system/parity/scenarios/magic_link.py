"""The plugin `magic-link`: mailed links that sign in, where they lead, and what they refuse."""

from ..http import Answer
from ..scenario import scenario
from ..side import Caller, Side, query_of

ON = {"plugins": ["magic-link"]}


async def _ask(caller: Caller, email: object, **fields: object) -> Answer:
    return await caller.post("/sign-in/magic-link", {"email": email, **fields})


async def _link(s: Side, email: str, **fields: object) -> str:
    """The link that is mailed to a program's question."""
    await _ask(s.client(), email, **fields)
    return (await s.mail(email)).link


@scenario(ON, postgres=True)
async def new_user_signs_in(s: Side) -> None:
    who = "new@example.com"
    ada = s.browser()
    await _ask(ada, who, name="Ada", callbackURL="/in?x=1 2#h", newUserCallbackURL="/welcome")
    letter = await s.mail(who)
    await ada.open(letter.link)
    await ada.get("/get-session")
    await ada.get("/list-accounts")
    await ada.open(letter.link)
    again = await _link(s, who, callbackURL="/in?x=1 2#h", newUserCallbackURL="/welcome")
    await ada.open(again)
    await ada.get("/list-sessions")


@scenario(ON, postgres=True)
async def unverified_account_starts_over(s: Side) -> None:
    who = "unverified@example.com"
    mallory = await s.signed_up(who)
    ada = s.browser()
    await ada.open(await _link(s, who, name="Not used"))
    await ada.get("/get-session")
    await ada.get("/list-accounts")
    await mallory.get("/get-session")
    await s.browser().sign_in(who)


@scenario(ON)
async def verified_account_keeps_its_password(s: Side) -> None:
    who = "verified@example.com"
    await s.signed_up(who)
    await s.sql('UPDATE "user" SET "emailVerified" = ? WHERE email = ?', 1, who)
    await s.browser().open(await _link(s, who.upper().lower()))
    await s.browser().sign_in(who)


@scenario(ON)
async def without_a_callback_url(s: Side) -> None:
    who = "plain@example.com"
    ada = s.browser()
    token = query_of(await _link(s, who), "token")
    await ada.get(f"/magic-link/verify?token={token}&newUserCallbackURL=/new")
    await ada.get("/get-session")
    token = query_of(await _link(s, who), "token")
    await ada.get(f"/magic-link/verify?token={token}&callbackURL=")


@scenario(ON)
async def address_in_capitals(s: Side) -> None:
    ada = s.browser()
    await _ask(ada, "Capitals@Example.com", name="Ada")
    letter = await s.mail("Capitals@Example.com")
    await ada.open(letter.link)
    await ada.get("/get-session")


@scenario(ON)
async def browser_that_forgets(s: Side) -> None:
    who = "forgets@example.com"
    ada = await s.signed_up(who, rememberMe=False)
    await ada.open(await _link(s, who))
    await ada.get("/get-session")


@scenario(ON)
async def useless_links(s: Side) -> None:
    ada = s.browser()
    for query in (
        "token=x",
        "token=",
        "token=x&callbackURL=/in?a=b",
        "token=x&callbackURL=/in&errorCallbackURL=/sorry?a=1%23h",
        "token=x&callbackURL=http://localhost:3000/x+y&errorCallbackURL=",
        "token=x&errorCallbackURL=http://localhost:3000",
        "token=x&token=y",
        "token[]=x",
        "",
        "token=x&callbackURL=https://evil.example",
        "token=x&callbackURL=//evil.example",
        "token=x&errorCallbackURL=https://evil.example",
        "token=x&newUserCallbackURL=https://evil.example",
        "token=x&callbackURL=a&callbackURL=b",
        "token=%00",
    ):
        await ada.get(f"/magic-link/verify?{query}")
    await ada.post("/magic-link/verify", {"token": "x"})
    await ada.send("HEAD", "/magic-link/verify?token=x")


@scenario(ON)
async def expired_and_foreign_values(s: Side) -> None:
    who = "expired@example.com"
    link = await _link(s, who)
    token = query_of(link, "token")
    await s.sql(
        'UPDATE verification SET "expiresAt" = ? WHERE identifier = ?',
        "2026-01-01T00:00:00.000Z",
        f"magic-link:{token}",
    )
    await s.browser().open(link)
    for value in ("x", "{}", '{"type":"other","email":"expired@example.com"}'):
        link = await _link(s, who)
        token = query_of(link, "token")
        await s.sql(
            "UPDATE verification SET value = ? WHERE identifier = ?", value, f"magic-link:{token}"
        )
        await s.browser().open(link)


@scenario(ON)
async def bad_requests(s: Side) -> None:
    ada = s.client()
    bodies: tuple[object, ...] = (
        {},
        [],
        {"email": "x"},
        {"email": None},
        {"email": 5},
        {"email": "bad@example.com", "name": 5},
        {"email": "bad@example.com", "metadata": "x"},
        {"email": "bad@example.com", "metadata": ["x"]},
        {"email": "bad@example.com", "callbackURL": 5},
        {"email": "bad@example.com", "name": None},
        {"email": "x", "name": 5, "metadata": 1},
    )
    for body in bodies:
        await ada.post("/sign-in/magic-link", body)
    await ada.post("/sign-in/magic-link", b"{")
    await ada.post(
        "/sign-in/magic-link",
        b"email=a@b.cd",
        ("Content-Type", "application/x-www-form-urlencoded"),
    )
    for key in ("callbackURL", "newUserCallbackURL", "errorCallbackURL"):
        await _ask(s.browser(), "bad@example.com", **{key: "https://evil.example"})
        await _ask(s.browser(), "bad@example.com", **{key: ""})
    await _ask(s.browser(origin="https://evil.example"), "bad@example.com")
    await _ask(ada, "bad@example.com", metadata={"a": {"b": 1}})
    await ada.get("/sign-in/magic-link")


@scenario({**ON, "magicLink.disableSignUp": True, "magicLink.storeToken": "hashed"})
async def nobody_signs_up(s: Side) -> None:
    who = "known@example.com"
    await s.signed_up(who)
    await s.browser().open(await _link(s, who))
    unknown = await _link(s, "unknown@example.com", errorCallbackURL="/sorry", callbackURL="/in")
    await s.browser().open(unknown)
    await s.browser().open(unknown)


@scenario(
    {
        **ON,
        "magicLink.expiresIn": 60,
        "magicLink.allowedAttempts": 3,
        "session.cookieCache.enabled": True,
        "advanced.useSecureCookies": True,
    }
)
async def with_cookie_cache(s: Side) -> None:
    who = "cache@example.com"
    ada = s.browser()
    link = await _link(s, who)
    await ada.open(link)
    await ada.open(link)
    await ada.get("/get-session")


@scenario(
    {
        **ON,
        "rateLimit.enabled": True,
        "magicLink.rateLimit.window": 30,
        "magicLink.rateLimit.max": 2,
    }
)
async def limited(s: Side) -> None:
    ada = s.client(ip="203.0.113.50")
    for _ in range(3):
        await _ask(ada, "limited@example.com")
    for _ in range(3):
        await ada.get("/magic-link/verify?token=x")


@scenario({**ON, "rateLimit.enabled": True})
async def limited_by_default(s: Side) -> None:
    ada = s.client(ip="203.0.113.51")
    for _ in range(6):
        await _ask(ada, "default@example.com")


@scenario({"plugins": ["magic-link", "last-login-method"]})
async def last_login_method(s: Side) -> None:
    await s.browser().open(await _link(s, "method@example.com"))


@scenario({**ON, "user.additionalFields": {"city": {"type": "string", "defaultValue": "London"}}})
async def fields_of_a_new_user(s: Side) -> None:
    ada = s.browser()
    await ada.open(await _link(s, "fields@example.com", city="Paris"))
    await ada.get("/get-session")


@scenario({**ON, "secondaryStorage": True}, fresh=True)
async def in_redis(s: Side) -> None:
    who = "redis@example.com"
    mallory = await s.signed_up(who)
    link = await _link(s, who)
    ada = s.browser()
    await ada.open(link)
    await ada.open(link)
    await ada.get("/get-session")
    await mallory.get("/get-session")


@scenario({"plugins": ["magic-link", "admin"]})
async def banned_user(s: Side) -> None:
    who = "banned@example.com"
    await s.signed_up(who)
    await s.sql('UPDATE "user" SET banned = ? WHERE email = ?', 1, who)
    await s.browser().open(await _link(s, who, errorCallbackURL="/sorry"))
    await s.browser().open(await _link(s, "banned-new@example.com"))


@scenario({**ON, "user.changeEmail.enabled": True, "emailVerification.sendVerificationEmail": True})
async def change_asked_for_before(s: Side) -> None:
    who, mallorys = "owner@example.com", "mallory@example.com"
    mallory = await s.signed_up(who)
    await mallory.post("/change-email", {"newEmail": mallorys})
    change = (await s.mail(mallorys)).link
    await s.browser().open(await _link(s, who))
    await s.browser().open(change)
    await s.browser().post("/sign-in/magic-link", {"email": who})
