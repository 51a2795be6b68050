"""Paths that are off, slashes, switches of origin checks, and the URL of errors."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import PASSWORD, Caller, Side

EVIL = ("Origin", "https://evil.example")
NAVIGATION = (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"))
OPEN = "https://evil.example/x"


@scenario({"disabledPaths": ["/sign-up/email", "/x"], "advanced.skipTrailingSlashes": True})
async def disabled_path(s: Side) -> None:
    ada = s.client()
    for path in (
        "/sign-up/email",
        "/sign-up/email/",
        "/sign-up/email///",
        "/x/../sign-up/email",
        "/sign-up//email",
        "/sign%2Dup/email",
        "/Sign-up/email",
    ):
        await ada.post(path, {"name": "Ada", "email": "a@example.com", "password": PASSWORD})
    await ada.get("/sign-up/email")
    await ada.send("OPTIONS", "/sign-up/email")
    await ada.get("/x")


@scenario({"disabledPaths": ["/sign-up/email", "/x"], "advanced.skipTrailingSlashes": True})
async def trailing_slash(s: Side) -> None:
    ada = s.client()
    for path in ("/ok/", "/ok//", "/get-session/", "/", "/token/"):
        await ada.get(path)
    await ada.post("/sign-in/email/", {"email": "slash@example.com", "password": PASSWORD})


@scenario({"advanced.disableCSRFCheck": True})
async def csrf_check_off(s: Side) -> None:
    await attack(s, "csrf")


@scenario({"advanced.disableOriginCheck": True})
async def origin_check_off(s: Side) -> None:
    await attack(s, "origin")


@scenario({"advanced.disableOriginCheck": True, "advanced.disableCSRFCheck": False})
async def origin_check_off_and_csrf_check_on(s: Side) -> None:
    await attack(s, "both")


@scenario({"advanced.disableOriginCheck": ["/sign-in", "/sign-o"]})
async def origin_check_off_for_paths(s: Side) -> None:
    await attack(s, "paths")


@scenario({"onAPIError.errorURL": "/oops?a=1#f"})
async def error_url(s: Side) -> None:
    ada = s.client()
    for query in (
        "",
        "?error=abc",
        "?error=a%20b",
        "?error=a&error=b",
        "?error=&error_description=z",
        "?error=a%27b&error_description=x%20y%C3%A9~*%26%2B'()!",
    ):
        await ada.get(f"/error{query}")


@scenario({"onAPIError.errorURL": "https://app.example"})
async def error_url_elsewhere(s: Side) -> None:
    await s.client().get("/error?error=abc")


async def attack(s: Side, name: str) -> None:
    """What a foreign page can make a browser send."""
    ada = await s.signed_up(f"{name}@example.com")
    await _sign_ins(ada, f"{name}@example.com")
    await _sign_ins(s.browser(origin=EVIL[1]), f"{name}@example.com")
    await ada.post("/sign-out", {"callbackURL": OPEN})
    await ada.post("/sign-out", {}, EVIL)


async def _sign_ins(caller: Caller, email: str) -> None:
    body = {"email": email, "password": PASSWORD}
    await caller.post("/sign-in/email", body, EVIL)
    await caller.post("/sign-in/email", body, EVIL, *NAVIGATION)
    await caller.post("/sign-in/email", {**body, "callbackURL": OPEN})
    await caller.post("/sign-in/email", {**body, "callbackURL": 5})
