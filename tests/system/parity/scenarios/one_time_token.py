"""The plugin `one-time-token`: who gets one, what it is good for, and how it is stored."""

from datetime import timedelta
from typing import Any

from ..scenario import scenario
from ..side import Side

ON = {"plugins": ["one-time-token"]}
GENERATE, VERIFY = "/one-time-token/generate", "/one-time-token/verify"
IN_DATABASE = "SELECT identifier FROM verification"


@scenario(ON, postgres=True)
async def taken_over(s: Side) -> None:
    ada = await s.signed_up("over@example.com")
    token = (await ada.get(GENERATE)).json["token"]
    phone = s.browser()
    await phone.post(VERIFY, {"token": token})
    await phone.get("/get-session")
    await phone.get("/token")
    await phone.post(VERIFY, {"token": token})
    eve = await s.signed_up("over2@example.com")
    token = (await ada.get(GENERATE)).json["token"]
    await eve.post(VERIFY, {"token": token})
    await eve.get("/get-session")
    await ada.post("/sign-out", {})
    await eve.get("/get-session")


@scenario(ON)
async def refused(s: Side) -> None:
    ada = await s.signed_up("refused@example.com")
    nobody = s.browser()
    await nobody.get(GENERATE)
    await nobody.post(GENERATE, {})
    tokens: list[Any] = ["", "unknown", "nul\0", 5, None, [], {}]
    for token in tokens:
        await nobody.post(VERIFY, {"token": token})
    await nobody.post(VERIFY, {})
    await nobody.post(VERIFY)
    await nobody.get(VERIFY)
    token = (await ada.get(GENERATE)).json["token"]
    await ada.post("/sign-out", {})
    await nobody.post(VERIFY, {"token": token})
    await nobody.post(VERIFY, {"token": token})
    bearer = (await ada.sign_in("refused@example.com")).json["token"]
    token = (await s.client(bearer=bearer).get(GENERATE)).json["token"]
    await s.browser(origin="https://evil.example").post(VERIFY, {"token": token})


@scenario(ON, postgres=True)
async def expired_token(s: Side) -> None:
    ada = await s.signed_up("late@example.com")
    token = (await ada.get(GENERATE)).json["token"]
    await s.sql("UPDATE verification SET \"expiresAt\" = '2020-01-01T00:00:00.000Z'")
    await s.browser().post(VERIFY, {"token": token})


@scenario(ON)
async def expired_session(s: Side) -> None:
    ada = await s.signed_up("ended@example.com")
    token = (await ada.get(GENERATE)).json["token"]
    await s.age("session", "ended@example.com", expiresAt=timedelta(days=8))
    await s.browser().post(VERIFY, {"token": token})


@scenario({**ON, "oneTimeToken.setOttHeaderOnNewSession": True})
async def expired_session_and_header(s: Side) -> None:
    ada = await s.signed_up("ended2@example.com")
    token = (await ada.get(GENERATE)).json["token"]
    await s.age("session", "ended2@example.com", expiresAt=timedelta(days=8))
    await s.browser().post(VERIFY, {"token": token})


@scenario(ON)
async def not_remembered(s: Side) -> None:
    ada = s.browser()
    await ada.sign_up("short@example.com", rememberMe=False)
    for other in (s.browser(), ada):
        token = (await ada.get(GENERATE)).json["token"]
        await other.post(VERIFY, {"token": token})
        await other.get("/get-session")


@scenario(
    {
        **ON,
        "oneTimeToken.setOttHeaderOnNewSession": True,
        "oneTimeToken.storeToken": "hashed",
        "oneTimeToken.expiresIn": 10,
    },
    postgres=True,
)
async def header(s: Side) -> None:
    up = await s.browser().sign_up("header@example.com")
    ada = s.browser()
    await ada.post(VERIFY, {"token": up.header("set-ott")})
    await ada.post(VERIFY, {"token": up.header("set-ott")})
    await ada.post("/update-user", {"name": "Countess"})
    await ada.get("/get-session")
    await ada.sign_in("header@example.com", password="wrong password")
    there = await s.client().sign_in("header@example.com")
    await s.client().post(VERIFY, {"token": there.header("set-ott")})
    token = (await ada.get(GENERATE)).json["token"]
    rows = await s.sql(IN_DATABASE)
    assert all(token not in row["identifier"] for row in rows)
    await s.browser().post(VERIFY, {"token": token})
    await s.age("session", "header@example.com", expiresAt=timedelta(days=3))
    await ada.get("/get-session")
    await ada.post("/change-password", {"currentPassword": "x", "newPassword": "correct horse"})


@scenario(
    {
        **ON,
        "oneTimeToken.disableClientRequest": True,
        "oneTimeToken.disableSetSessionCookie": True,
        "oneTimeToken.setOttHeaderOnNewSession": True,
        "session.cookieCache.enabled": True,
        "verification.storeIdentifier": "hashed",
    }
)
async def header_alone(s: Side) -> None:
    ada = s.browser()
    up = await ada.sign_up("alone@example.com")
    await ada.get(GENERATE)
    await s.browser().get(GENERATE)
    phone = s.browser()
    await phone.post(VERIFY, {"token": up.header("set-ott")})
    await phone.get("/get-session")


@scenario(
    {
        **ON,
        "session.cookieCache.enabled": True,
        "user.additionalFields": {
            "hidden": {"type": "string", "required": False, "returned": False},
            "shown": {"type": "string", "required": False},
        },
    }
)
async def own_fields(s: Side) -> None:
    ada = await s.signed_up("fields@example.com", hidden="x", shown="y")
    token = (await ada.get(GENERATE)).json["token"]
    phone = s.browser()
    await phone.post(VERIFY, {"token": token})
    await phone.get("/get-session")


@scenario({**ON, "secondaryStorage": True}, fresh=True)
async def stored_elsewhere(s: Side) -> None:
    ada = await s.signed_up("elsewhere@example.com")
    token = (await ada.get(GENERATE)).json["token"]
    await s.stored()
    await s.browser().post(VERIFY, {"token": token})
    await s.browser().post(VERIFY, {"token": token})
    await s.stored()
    token = (await ada.get(GENERATE)).json["token"]
    await ada.post("/sign-out", {})
    await s.browser().post(VERIFY, {"token": token})
