"""A `BetterAuth` for tests, and people who sign in to it."""

from typing import Any

from app import BetterAuth, Settings
from app.settings.options import RateLimitOptions
from tests.support.asgi import Answer, Header, call, json_body
from tests.support.secret import STRONG_SECRET
from tests.support.service import EMAIL, JSON, PASSWORD, cookies

ORIGIN = "http://localhost:8000"


def make_auth(url: str, *, migrates: bool = False, **options: Any) -> BetterAuth:
    """Over a migrated database. Nothing is limited unless the options say so."""
    chosen = {"secret": STRONG_SECRET, "rate_limit": RateLimitOptions(enabled=False), **options}
    return BetterAuth(Settings(database_url=url, **chosen), migrates=migrates)


async def sign_up(auth: BetterAuth, email: str = EMAIL) -> Answer:
    body = json_body({"name": "Ada", "email": email, "password": PASSWORD})
    return await call(auth, "POST", "/api/auth/sign-up/email", [JSON], body)


async def sign_in(auth: BetterAuth, password: str = PASSWORD) -> Answer:
    body = json_body({"email": EMAIL, "password": password})
    return await call(auth, "POST", "/api/auth/sign-in/email", [JSON], body)


async def cookie_of(auth: BetterAuth) -> Header:
    """The cookie of a new person."""
    return "cookie", cookies(await sign_up(auth))
