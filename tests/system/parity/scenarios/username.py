"""The plugin `username`: signing in by it, who may have which, and what is stored."""

import asyncio
from typing import Any

from ..scenario import scenario
from ..side import PASSWORD, Caller, Side

ON = {"plugins": ["username"]}
NAMES = ["", "ab", "abc", "a" * 30, "a" * 31, "Ada.L_1", "ada l", "ädä", "ada\n", "😀" * 16, "a-b"]


async def sign_in(caller: Caller, username: object, **fields: object) -> None:
    body = {"username": username, "password": PASSWORD, **fields}
    await caller.post("/sign-in/username", body)


async def is_available(caller: Caller, username: object) -> None:
    await caller.post("/is-username-available", {"username": username})


@scenario(ON, postgres=True)
async def signed_in(s: Side) -> None:
    ada = await s.signed_up("in@example.com", username="In.Ada")
    await ada.get("/get-session")
    await ada.get("/token")
    await ada.post("/sign-out", {})
    await sign_in(ada, "IN.ada")
    await ada.get("/get-session")
    await ada.get("/list-sessions")
    await sign_in(ada, "in.ada", rememberMe=False)
    await sign_in(ada, "in.ada", callbackURL="/next")
    await sign_in(ada, "in.ada", callbackURL="")
    await sign_in(ada, "in.ada", callbackURL="https://evil.example")
    await sign_in(s.client(), "in.ada")
    await ada.sign_in("in@example.com")


@scenario(ON)
async def refused_sign_ins(s: Side) -> None:
    ada = await s.signed_up("refused@example.com", username="refused")
    await ada.post("/sign-out", {})
    usernames: list[Any] = [*NAMES, "unknown", "refused\0", 5, None, True, [], {}]
    for username in usernames:
        await sign_in(ada, username)
    await sign_in(ada, "refused", password="wrong password")
    await sign_in(ada, "refused", password="")
    await sign_in(ada, "refused", password="p" * 129)
    await sign_in(ada, "ab", password="p" * 129)
    await sign_in(ada, "refused", password=5)
    await sign_in(ada, "refused", rememberMe="no", callbackURL=5)
    await ada.post("/sign-in/username", {})
    await ada.post("/sign-in/username")
    await ada.post("/sign-in/username", b"{", ("Content-Type", "application/json"))
    form = ("Content-Type", "application/x-www-form-urlencoded")
    await ada.post("/sign-in/username", b"username=refused", form)
    await ada.get("/sign-in/username")
    await sign_in(s.browser(origin="https://evil.example"), "refused")


@scenario(ON)
async def without_a_password(s: Side) -> None:
    await s.signed_up("nothing@example.com", username="nothing")
    await s.sql("UPDATE account SET password = NULL WHERE password IS NOT NULL")
    await sign_in(s.browser(), "nothing")
    await s.sql("DELETE FROM account")
    await sign_in(s.browser(), "nothing")


@scenario(ON)
async def asked_for(s: Side) -> None:
    await s.signed_up("asked@example.com", username="Asked")
    someone = s.browser()
    usernames: list[Any] = [*NAMES, "asked", "ASKED", 5, None, [], {}]
    for username in usernames:
        await is_available(someone, username)
    await someone.post("/is-username-available", {})
    await someone.post("/is-username-available")
    await someone.get("/is-username-available")


@scenario(ON, postgres=True)
async def signed_up_with(s: Side) -> None:

    tries: tuple[Any, ...] = (
        *({"username": name} for name in NAMES),
        *({"displayUsername": name} for name in ["Disp_1", "Disp 2", "", "ab"]),
        {"username": "Both_1", "displayUsername": "Both of us"},
        {"username": "Both_2", "displayUsername": ""},
        {"username": "Both_3", "displayUsername": None},
        {"username": None, "displayUsername": "Both_4"},
        {"username": "", "displayUsername": "Both_5"},
        {"username": 5},
        {"username": True},
        {"username": 0},
        {"username": ["list"]},
        {"username": {"a": "b"}},
        {"displayUsername": 5},
        {"username": "Both_6", "displayUsername": 5},
        {"username": "Both_7", "displayUsername": 0},
        {"username": "BOTH_1"},
        {"displayUsername": "BOTH_1"},
    )
    for number, fields in enumerate(tries, 1):
        await s.browser().sign_up(f"with{number}@example.com", **fields)
    await s.browser().sign_up("with3@example.com", username="both_1")
    await s.browser().sign_up("with3@example.com", username="free_1")
    await s.browser().sign_up("not an address", username="both_1")
    await s.browser().post("/sign-up/email", {"username": "ab"})
    await s.browser().post("/sign-up/email", {"username": "free_2", "password": 5})
    await s.browser().sign_up("short@example.com", username="free_3", password="short")
    form = ("Content-Type", "application/x-www-form-urlencoded")
    body = b"name=Ada&email=form@example.com&password=correct+horse+battery&username=Form_1"
    await s.browser().post("/sign-up/email", body, form)
    await s.browser(origin="https://evil.example").sign_up("evil@example.com", username="ab")


@scenario(ON, postgres=True)
async def changed(s: Side) -> None:
    await s.signed_up("other@example.com", username="other_one")
    ada = await s.signed_up("changed@example.com")
    await ada.get("/get-session")
    for fields in (
        *({"username": name} for name in NAMES),
        {"username": "Mine_1"},
        {"username": "mine_1"},
        {"username": "other_ONE"},
        {"displayUsername": "Any Thing"},
        {"displayUsername": "mine_2"},
        {"username": "Mine_3", "displayUsername": "Three"},
        {"username": "mine_4", "name": "Four"},
        {"username": "other_one", "email": "x@example.com"},
        {"username": None},
        {"username": "mine_5", "displayUsername": None},
    ):
        await ada.post("/update-user", fields)
        await ada.get("/get-session")
    await sign_in(s.browser(), "mine_5")
    for fields in ({"username": "ab"}, {"username": "other_one"}, {"username": "free_one"}):
        await s.browser().post("/update-user", fields)


@scenario({**ON, "username.immutableUsername": True})
async def immutable(s: Side) -> None:
    ada = await s.signed_up("immutable@example.com")
    await ada.post("/update-user", {"username": "First_1"})
    await ada.post("/update-user", {"username": "FIRST_1"})
    await ada.post("/update-user", {"username": "second"})
    await ada.post("/update-user", {"username": "ab"})
    await ada.post("/update-user", {"displayUsername": "Second"})
    await ada.get("/get-session")
    eve = await s.signed_up("immutable2@example.com", username="of_eve")
    await eve.post("/update-user", {"username": "first_1"})
    await s.browser().post("/update-user", {"username": "first_1"})
    await s.browser().post("/update-user", {"username": None})


@scenario({**ON, "username.immutableUsername": True})
async def immutable_one_removed(s: Side) -> None:
    ada = await s.signed_up("removed@example.com", username="removed")
    await ada.post("/update-user", {"username": None})


@scenario(
    {
        **ON,
        "username.minUsernameLength": 5,
        "username.maxUsernameLength": 8,
        "username.usernameNormalization": False,
        "username.displayUsername": False,
        "username.schema.user.fields.username": "handle",
        "user.additionalFields": {"role": {"type": "string", "required": False}},
    },
    postgres=True,
)
async def own_rules(s: Side) -> None:
    ada = await s.signed_up("rules@example.com", username="Ada_1", displayUsername="Ada", role="x")
    await ada.get("/get-session")
    eve = await s.signed_up("rules2@example.com", username="ada_1")
    await eve.post("/update-user", {"displayUsername": "Eve"})
    await eve.post("/update-user", {"username": "Ada_1"})
    for username in ["Ada_1", "ADA_1", "abcd", "abcdefgh", "abcdefghi"]:
        await is_available(eve, username)
        await sign_in(s.browser(), username)
    await s.browser().sign_up("rules3@example.com", displayUsername="Shown_1")
    await s.browser().sign_up("rules4@example.com", username=12345)
    await s.browser().sign_up("rules5@example.com", username=True)


@scenario(
    {
        **ON,
        "username.validationOrder.username": "post-normalization",
        "username.schema.user.fields.displayUsername": "shown_as",
    }
)
async def validated_later(s: Side) -> None:
    for name in ["Upper_1", "\u212aelvin", "İstanbul", "ab"]:
        await is_available(s.browser(), name)
        ada = await s.signed_up(f"later{ord(name[0])}@example.com", username=name)
        await ada.get("/get-session")
        await sign_in(s.browser(), name)


@scenario(
    {
        **ON,
        "emailAndPassword.requireEmailVerification": True,
        "emailVerification.sendVerificationEmail": True,
        "emailVerification.sendOnSignIn": True,
    },
    postgres=True,
)
async def not_verified(s: Side) -> None:
    ada = await s.signed_up("unverified@example.com", username="Unverified")
    await s.mail("unverified@example.com")
    await sign_in(ada, "unverified", password="wrong password")
    await s.no_mail("unverified@example.com")
    await asyncio.sleep(1)  # or both links were the same
    await sign_in(ada, "unverified", callbackURL="/next")
    letter = await s.mail("unverified@example.com")
    await ada.open(letter.link)
    await sign_in(ada, "unverified")
    await s.browser().sign_up("unverified@example.com", username="another", displayUsername="X")
    await s.browser().sign_up("unverified@example.com", displayUsername="another")
    await s.browser().sign_up("unverified@example.com", displayUsername="An other")
    await is_available(ada, "another")
    await s.browser().sign_up("unverified@example.com", username="unverified")


@scenario({**ON, "emailAndPassword.requireEmailVerification": True})
async def not_verified_and_no_mail(s: Side) -> None:
    ada = await s.signed_up("nomail@example.com", username="nomail")
    await sign_in(ada, "nomail")


@scenario({**ON, "emailAndPassword.enabled": False})
async def without_email_and_password(s: Side) -> None:
    ada = await s.signed_up("off@example.com", username="off_1")
    await sign_in(ada, "off_1")


@scenario({**ON, "session.cookieCache.enabled": True, "session.updateAge": 0})
async def with_cookie_cache(s: Side) -> None:
    ada = await s.signed_up("cache@example.com", username="Cache_1")
    await ada.get("/get-session")
    await ada.post("/update-user", {"username": "cache_2"})
    await ada.get("/get-session")
    await ada.post("/update-user", {"username": "ab"})
    await sign_in(ada, "cache_2")
    await s.signed_up("cache2@example.com", username="cache_3")
    await ada.post("/update-user", {"username": "cache_3"})


@scenario({**ON, "rateLimit.enabled": True})
async def limited(s: Side) -> None:
    ada = s.browser()
    for _ in range(5):
        await sign_in(ada, "limited")
    await is_available(ada, "limited")
