"""Reading and ending a session."""

from datetime import timedelta

from tests.parity.scenario import scenario
from tests.parity.side import Side


@scenario(postgres=True)
async def read(s: Side) -> None:
    ada = s.browser()
    await ada.get("/get-session")
    await ada.sign_up("read@example.com")
    await ada.get("/get-session")
    await ada.get("/token")
    await ada.post("/sign-out", {})
    await ada.get("/get-session")


@scenario(postgres=True)
async def expired(s: Side) -> None:
    ada = await s.signed_up("expired@example.com")
    await s.age("session", "expired@example.com", expiresAt=timedelta(days=8))
    await ada.get("/get-session")
    await ada.get("/get-session")


@scenario({"bearer.requireSignature": True})
async def bearer_must_be_signed(s: Side) -> None:
    signed_up = await s.client().sign_up("signed@example.com")
    await s.client(bearer=signed_up.json["token"]).get("/get-session")
    await s.client(bearer=signed_up.json["token"]).get("/list-sessions")
    signed = s.client(bearer=signed_up.header("set-auth-token") or "")
    await signed.get("/get-session")
    await signed.get("/token")
