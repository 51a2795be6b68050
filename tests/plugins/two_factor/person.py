"""Somebody with a second factor, for the tests of this folder: browsers, and an app with codes."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.plugins.two_factor.options import TotpOptions, TwoFactorOptions
from app.plugins.two_factor.plugin import PLUGIN
from app.plugins.two_factor.totp import CodeGenerator
from tests.support.asgi import Answer
from tests.support.plugins import plugged
from tests.support.service import EMAIL, ORIGIN, PASSWORD, Service
from tests.support.smtp import Outgoing

# Time steps last a day, so that no code ends while a test runs.
DAY = 86400
LONG = TotpOptions(period=DAY)
OPTIONS = TwoFactorOptions(totp_options=LONG)


class Person:
    """A browser, which keeps cookies, and an app that scanned the QR code."""

    def __init__(self, service: Service, email: str = EMAIL) -> None:
        self.service = service
        self.email = email
        self.cookies: dict[str, str] = {}
        self.secret = ""
        self.backup_codes: list[str] = []

    async def post(self, path: str, **body: object) -> Answer:
        pairs = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.service.post(path, body, [("cookie", pairs), ("origin", ORIGIN)])
        for line in answer.header_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return answer

    async def get_session(self) -> Any:
        pairs = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return (await self.service.get("/get-session", [("cookie", pairs)])).json()

    async def sign_up(self) -> None:
        answer = await self.post("/sign-up/email", name="Ada", email=self.email, password=PASSWORD)
        assert answer.status == 200

    async def sign_in(self, **fields: object) -> Answer:
        body = {"email": self.email, "password": PASSWORD, **fields}
        return await self.post("/sign-in/email", **body)

    async def enable(self) -> None:
        """Enable an app, and show its code of the step before."""
        enabled = (await self.post("/two-factor/enable", password=PASSWORD)).json()
        self.secret = parse_qs(urlsplit(enabled["totpURI"]).query)["secret"][0]
        self.backup_codes = enabled["backupCodes"]
        shown = await self.post("/two-factor/verify-totp", code=self.code(-1))
        assert shown.status == 200

    def code(self, ahead: int = 0) -> str:
        return CodeGenerator(self.secret).generate_otp(int(time.time()) // DAY + ahead)

    def other_browser(self) -> "Person":
        """The same person, without cookies."""
        other = Person(self.service, self.email)
        other.secret, other.backup_codes = self.secret, self.backup_codes
        return other

    def at(self, service: Service) -> "Person":
        """This browser, as another process answers it."""
        other = self.other_browser()
        other.service, other.cookies = service, dict(self.cookies)
        return other

    def is_signed_in(self) -> bool:
        return "better-auth.session_token" in self.cookies


@asynccontextmanager
async def guarded(
    url: str, options: TwoFactorOptions = OPTIONS, *, email: str = EMAIL, **settings: Any
) -> AsyncIterator[Person]:
    """Somebody who has enabled an app and signed out."""
    async with plugged(url, PLUGIN, options, **settings) as service:
        ada = Person(service, email)
        await ada.sign_up()
        await ada.enable()
        await ada.post("/sign-out")
        yield ada


def code_in(outbox: Outgoing) -> str:
    """The code in the latest mail, on a line of its own."""
    found = re.search(r"^(\d+)$", outbox.messages[-1].text, re.MULTILINE)
    assert found is not None
    return found[1]


def code_of(answer: Answer) -> tuple[int, str | None]:
    """Status and code of a refusal."""
    return answer.status, answer.json().get("code")
