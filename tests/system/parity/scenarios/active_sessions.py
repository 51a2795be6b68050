"""Listing and revoking sessions."""

from datetime import timedelta

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Caller, Side


async def _devices(s: Side, email: str, count: int) -> list[Caller]:
    devices = [await s.signed_up(email)]
    for _ in range(count - 1):
        browser = s.browser()
        await browser.sign_in(email)
        devices.append(browser)
    return devices


@scenario(postgres=True)
async def listed(s: Side) -> None:
    ada, bob = await s.signed_up("listed1@example.com"), await s.signed_up("listed2@example.com")
    await ada.get("/list-sessions")
    await bob.get("/list-sessions")
    await s.client().get("/list-sessions")


@scenario(postgres=True)
async def one_revoked(s: Side) -> None:
    phone, laptop = await _devices(s, "one@example.com", 2)
    token = (await phone.get("/get-session")).json["session"]["token"]
    await laptop.post("/revoke-session", {"token": token})
    await phone.get("/get-session")
    await laptop.post("/revoke-session", {"token": token})
    await laptop.post("/revoke-session", {"token": "unknown"})
    await laptop.get("/get-session")


@scenario(postgres=True)
async def of_another_user(s: Side) -> None:
    ada, bob = await s.signed_up("another1@example.com"), await s.signed_up("another2@example.com")
    token = (await ada.get("/get-session")).json["session"]["token"]
    await bob.post("/revoke-session", {"token": token})
    await ada.get("/get-session")


@scenario(postgres=True)
async def own_revoked(s: Side) -> None:
    ada = await s.signed_up("own@example.com")
    token = (await ada.get("/get-session")).json["session"]["token"]
    await ada.post("/revoke-session", {"token": token})
    await ada.get("/get-session")


@scenario(postgres=True)
async def others_revoked(s: Side) -> None:
    phone, laptop, tablet = await _devices(s, "others@example.com", 3)
    await laptop.post("/revoke-other-sessions", {})
    await phone.get("/get-session")
    await tablet.get("/list-sessions")
    await laptop.get("/list-sessions")
    await laptop.post("/revoke-other-sessions")


@scenario(postgres=True)
async def all_revoked(s: Side) -> None:
    phone, laptop = await _devices(s, "all@example.com", 2)
    await laptop.post("/revoke-sessions", {})
    await phone.get("/get-session")
    await laptop.get("/get-session")
    await laptop.post("/revoke-sessions", {})


@scenario(postgres=True)
async def not_fresh(s: Side) -> None:
    ada = await s.signed_up("stale@example.com")
    await s.age("session", "stale@example.com", createdAt=timedelta(hours=25))
    await ada.get("/list-sessions")
    await ada.get("/get-session")
    await ada.post("/revoke-other-sessions", {})


@scenario({"session.freshAge": 0})
async def always_fresh(s: Side) -> None:
    ada = await s.signed_up("fresh@example.com")
    await s.age("session", "fresh@example.com", createdAt=timedelta(days=3))
    await ada.get("/list-sessions")


@scenario({"session.freshAge": 60})
async def fresh_for_a_minute(s: Side) -> None:
    ada = await s.signed_up("minute@example.com")
    await ada.get("/list-sessions")
    await s.age("session", "minute@example.com", createdAt=timedelta(seconds=61))
    await ada.get("/list-sessions")


@scenario(postgres=True)
async def ended_are_not_listed(s: Side) -> None:
    phone, laptop = await _devices(s, "unlisted@example.com", 2)
    token = (await phone.get("/get-session")).json["session"]["token"]
    past = s.database.moment(s.started - timedelta(minutes=1))
    await s.sql('UPDATE session SET "expiresAt" = ? WHERE token = ?', past, token)
    await laptop.get("/list-sessions")


@scenario()
async def with_foreign_origins(s: Side) -> None:
    ada = await s.signed_up("origins@example.com")
    for origin in ("https://evil.com", "null", ""):
        await ada.post("/revoke-sessions", {}, ("Origin", origin))
        await ada.get("/list-sessions", ("Origin", origin))
