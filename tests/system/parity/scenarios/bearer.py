"""Access tokens under HS256, and session tokens as bearer credentials."""

from urllib.parse import quote, unquote

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Caller, Side


def _signed(caller: Caller) -> str:
    """The cookie's value as `set-auth-token` has it."""
    assert caller.cookies is not None
    return unquote(caller.cookies["better-auth.session_token"])


@scenario(postgres=True)
async def issued(s: Side) -> None:
    await s.client().get("/token")
    ada = await s.signed_up("issued@example.com", image="https://example.com/a.png")
    await ada.get("/token")
    await ada.get("/get-session")
    await ada.get("/token?disableCookieCache=true")
    await s.client(bearer=_signed(ada)).get("/token")
    await s.client(bearer="x").get("/token")


@scenario()
async def published_keys(s: Side) -> None:
    await s.client().get("/jwks")


@scenario(
    {
        "jwt.issuer": "https://issuer.example.com",
        "jwt.audience": "tasks",
        "jwt.expirationTime": "2h",
    }
)
async def claims_of_our_choice(s: Side) -> None:
    ada = await s.signed_up("claims@example.com")
    await ada.get("/token")
    await ada.get("/get-session")


@scenario({"jwt.audience": ["tasks", "notes"], "jwt.expirationTime": "7 days"})
async def several_audiences(s: Side) -> None:
    ada = await s.signed_up("audiences@example.com")
    await ada.get("/token")


@scenario({"jwt.disableSettingJwtHeader": True})
async def no_header(s: Side) -> None:
    ada = await s.signed_up("no_header@example.com")
    await ada.get("/get-session")
    await ada.get("/token")


@scenario(postgres=True)
async def bearer(s: Side) -> None:
    ada = await s.signed_up("bearer@example.com")
    signed = _signed(ada)
    token, _, signature = signed.rpartition(".")
    for credential in (
        *(f"Bearer {signed}", f"bearer {signed}", f"BEARER {signed}", f"Bearer   {signed}  "),
        *(
            f"Bearer {quote(signed, safe='')}",
            f"Bearer {token}",
            f"Bearer {token}.{signature[:-1]}",
        ),
        *(f"Bearer {token}.{signature.replace('=', '')}", f"Bearer {token}.x", "Bearer unknown"),
        *(f"Bearer {'A' * 32}", "Bearer", "Bearer ", f"Basic {signed}", f"Token {signed}", signed),
        *(f"Bearer\t{signed}", f"Bearer{signed}", f"Bearer {token}.", f"Bearer .{signature}", ""),
        *(f"Bearer {signed}, Bearer x", f"Bearer a b {signed}", f"Bearer {token[:-1]}.{signature}"),
    ):
        await s.client().get("/get-session", ("Authorization", credential))


@scenario()
async def bearer_and_cookie(s: Side) -> None:
    ada, bob = await s.signed_up("both1@example.com"), await s.signed_up("both2@example.com")
    for credential in (_signed(bob), "unknown", f"{_signed(bob)}x", "A" * 32):
        await ada.get("/get-session", ("Authorization", f"Bearer {credential}"))
        await ada.get("/list-sessions", ("Authorization", f"Bearer {credential}"))


@scenario(postgres=True)
async def bearer_at_every_door(s: Side) -> None:
    ada = await s.signed_up("doors@example.com")
    program = s.client(bearer=_signed(ada))
    await program.get("/list-sessions")
    await program.post("/revoke-other-sessions", {})
    await program.get("/token")
    await program.sign_in("doors@example.com")
    await program.get("/ok")
    jwt = (await ada.get("/token")).json["token"]
    await s.client(bearer=jwt).get("/get-session")
    await s.client(bearer=jwt).get("/list-sessions")
    await program.post("/sign-out", {})
    await program.get("/get-session")
    await program.get("/list-sessions")


@scenario({"session.updateAge": 0})
async def bearer_renews(s: Side) -> None:
    """A session of one day has no cookie that would say so: it becomes one of seven."""
    ada = s.browser()
    await ada.sign_up("renews@example.com", rememberMe=False)
    await s.client(bearer=_signed(ada)).get("/get-session")
    await s.client(bearer=_signed(ada)).post("/revoke-session", {"token": "x"})
    await ada.get("/get-session")


@scenario()
async def bearer_needs_no_origin(s: Side) -> None:
    ada = await s.signed_up("no_origin@example.com")
    program = s.client(bearer=_signed(ada))
    for origin in ("https://evil.com", "null", ""):
        await program.post("/revoke-session", {"token": "x"}, ("Origin", origin))


@scenario({"bearer.requireSignature": True})
async def must_be_signed(s: Side) -> None:
    signed_up = await s.client().sign_up("signed@example.com")
    await s.client(bearer=signed_up.json["token"]).get("/get-session")
    await s.client(bearer=signed_up.json["token"]).get("/list-sessions")
    signed = s.client(bearer=signed_up.header("set-auth-token") or "")
    await signed.get("/get-session")
    await signed.get("/token")
