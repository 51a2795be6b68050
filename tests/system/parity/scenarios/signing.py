"""Signing up, in and out."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side

WRONG = "wrong horse battery"


@scenario(postgres=True)
async def up_and_out(s: Side) -> None:
    ada = s.browser()
    await ada.get("/get-session")
    await ada.sign_up("Up_And_Out@Example.com", image="https://example.com/ada.png")
    await ada.get("/get-session")
    await ada.post("/sign-out", {})
    await ada.get("/get-session")
    await ada.post("/sign-out", {})


@scenario(postgres=True)
async def taken_address(s: Side) -> None:
    await s.client().sign_up("taken@example.com")
    await s.client().sign_up("taken@example.com", name="Other")
    await s.client().sign_up("TAKEN@Example.com", password="another password")
    await s.client().sign_up("taken@example.com", password="short")


@scenario(postgres=True)
async def right_and_wrong(s: Side) -> None:
    await s.client().sign_up("right@example.com")
    await s.client().sign_in("right@example.com", password=WRONG)
    await s.client().sign_in("right@example.com", password="")
    await s.client().sign_in("nobody@example.com")
    await s.client().sign_in("RIGHT@example.com")
    ada = s.browser()
    await ada.sign_in("right@example.com", unknown=1)
    await ada.get("/get-session")
    await ada.sign_in("right@example.com")
    await ada.get("/list-sessions")


@scenario(postgres=True)
async def not_remembered(s: Side) -> None:
    await s.client().sign_up("forgotten@example.com")
    ada = s.browser()
    await ada.sign_in("forgotten@example.com", rememberMe=False)
    await ada.get("/get-session")
    await ada.sign_in("forgotten@example.com", rememberMe=True)
    await ada.get("/get-session")
    await ada.post("/sign-out")
    await s.browser().sign_up("forgotten2@example.com", rememberMe=False)


@scenario(postgres=True)
async def with_callback(s: Side) -> None:
    await s.client().sign_up("callback@example.com", callbackURL="/welcome")
    for url in ("/dash", "http://localhost:3000/x?y=1", "", "/é"):
        await s.client().sign_in("callback@example.com", callbackURL=url)


@scenario()
async def sign_out_of_nobody(s: Side) -> None:
    await s.client().post("/sign-out")
    await s.client().post("/sign-out", {"callbackURL": "/x"})
    ada = s.browser()
    ada.cookies = {"better-auth.session_token": "forged.signature"}
    await ada.post("/sign-out", {})
    ada.cookies = {"better-auth.session_data": "x", "better-auth.session_data.0": "y"}
    await ada.post("/sign-out", {})
    ada.cookies = {"better-auth.dont_remember": "x"}
    await ada.post("/sign-out", {})


@scenario({"emailAndPassword.enabled": False})
async def disabled(s: Side) -> None:
    await s.client().sign_up("disabled@example.com")
    await s.client().sign_in("disabled@example.com")
    await s.client().post("/sign-up/email", {})
    await s.client().post("/sign-in/email", {})


@scenario({"emailAndPassword.disableSignUp": True})
async def sign_up_disabled(s: Side) -> None:
    await s.client().sign_up("closed@example.com")
    await s.client().sign_up("closed@example.com", password="x")
    await s.client().post("/sign-up/email", {})
    await s.client().sign_in("closed@example.com")


@scenario({"emailAndPassword.autoSignIn": False}, postgres=True)
async def no_sign_in_at_sign_up(s: Side) -> None:
    ada = s.browser()
    await ada.sign_up("quiet@example.com", rememberMe=False)
    await ada.sign_up("quiet@example.com", name="Another", image="/other.png", role="x")
    await ada.sign_up("quiet@example.com", password="x")
    await ada.get("/get-session")
    await ada.sign_in("quiet@example.com")


@scenario({"emailAndPassword.requireEmailVerification": True}, postgres=True)
async def only_verified(s: Side) -> None:
    ada = s.browser()
    await ada.sign_up("unverified@example.com")
    await ada.sign_up("unverified@example.com", name="Another")
    await ada.sign_in("unverified@example.com", password=WRONG)
    await ada.sign_in("unverified@example.com")
    await s.sql(
        'UPDATE "user" SET "emailVerified" = true WHERE email = ?', "unverified@example.com"
    )
    await ada.sign_in("unverified@example.com")


@scenario(postgres=True)
async def accounts_of_another_kind(s: Side) -> None:
    """No credential, no password, a hash that is none."""
    email = "accounts@example.com"
    await s.client().sign_up(email)
    owner = 'WHERE "userId" = (SELECT id FROM "user" WHERE email = ?)'
    await s.sql(f'UPDATE account SET "providerId" = ? {owner}', "github", email)
    await s.client().sign_in(email)
    await s.sql(
        f'UPDATE account SET "providerId" = ?, password = NULL {owner}', "credential", email
    )
    await s.client().sign_in(email)


@scenario(postgres=True)
async def malformed_hash(s: Side) -> None:
    email = "malformed@example.com"
    await s.client().sign_up(email)
    owner = 'WHERE "userId" = (SELECT id FROM "user" WHERE email = ?)'
    await s.sql(f"UPDATE account SET password = ? {owner}", "malformed", email)
    await s.client().sign_in(email)


@scenario()
async def callback_outside_latin_1(s: Side) -> None:
    await s.client().sign_up("kanji@example.com")
    await s.client().sign_in("kanji@example.com", callbackURL="/日本")


@scenario()
async def client_details(s: Side) -> None:
    """Who signed in from where is kept with the session."""
    await s.client().sign_up("details@example.com")
    for ip in ("1.2.3.4", "2001:db8::1", "::ffff:5.6.7.8", "not an address", "1.2.3.4, 5.6.7.8"):
        ada = s.browser(ip=ip)
        await ada.post(
            "/sign-in/email",
            {"email": "details@example.com", "password": "correct horse battery"},
            ("User-Agent", f"agent/1 {ip}"),
        )
        await ada.get("/get-session")
