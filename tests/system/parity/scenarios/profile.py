"""Users and sessions that are changed by who is signed in, without additional fields."""

from datetime import timedelta

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side


@scenario(postgres=True)
async def changed(s: Side) -> None:
    ada = await s.signed_up("profile-changed@example.com")
    for body in (
        {"name": "Ada Lovelace"},
        {"name": "", "image": "https://example.com/a.png"},
        {"image": None},
        {"name": "Ada 日本 🎉", "email": ""},
        {"name": "Ada", "unknown": 1, "id": "x", "emailVerified": True, "createdAt": "2020-01-01"},
    ):
        await ada.post("/update-user", body)
        await ada.get("/get-session")
    await s.browser().sign_in("profile-changed@example.com")


@scenario()
async def refused(s: Side) -> None:
    ada = await s.signed_up("profile-refused@example.com")
    bodies: list[object] = [{}, {"email": "new@example.com"}, {"email": "x", "name": "y"}]
    bodies += [{"email": 5}, {"unknown": 1}, [], "x", 5, None]
    for body in bodies:
        await ada.post("/update-user", body)
        await s.browser().post("/update-user", body)


@scenario()
async def wrong_types(s: Side) -> None:
    ada = await s.signed_up("types@example.com")
    for body in ({"name": 5}, {"name": True}, {"image": 5}):
        await ada.post("/update-user", body)
        await s.browser().post("/update-user", body)
    await ada.post("/update-user", {"name": 5, "email": "new@example.com"})


@scenario()
async def wrong_types_that_end_in_an_empty_500_there(s: Side) -> None:
    ada = await s.signed_up("types500@example.com")
    for body in ({"name": None}, {"name": {"a": 1}}, {"name": ["a"]}, {"image": {"a": 1}}):
        await ada.post("/update-user", body)


@scenario(postgres=True)
async def cookie_is_sent_anew(s: Side) -> None:
    ada = await s.signed_up("cookie@example.com")
    await s.age("session", "cookie@example.com", expiresAt=timedelta(hours=1))
    await ada.post("/update-user", {"name": "x"})
    await ada.get("/get-session")


@scenario()
async def forgetful(s: Side) -> None:
    ada = s.browser()
    await ada.sign_up("profile-forgetful@example.com", rememberMe=False)
    await ada.post("/update-user", {"name": "x"})
    await ada.post("/update-user", {})


@scenario()
async def bearer(s: Side) -> None:
    signed_up = await s.client().sign_up("profile-bearer@example.com")
    ada = s.client(bearer=signed_up.json["token"])
    await ada.post("/update-user", {"name": "x"})
    await ada.get("/get-session")


@scenario()
async def session_without_fields(s: Side) -> None:
    ada = await s.signed_up("session@example.com")
    bodies: list[object] = [{}, {"theme": "dark"}, {"expiresAt": "2099-01-01"}, [], "x", None]
    for body in bodies:
        await ada.post("/update-session", body)
        await s.browser().post("/update-session", body)
