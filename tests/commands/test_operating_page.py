"""The commands of docs/operating.md do what the page says, as they are printed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jwt
import pytest
from msgspec import Struct

from app.plugins.jwt.options import JwtOptions
from app.server.plugins import derive_requirements
from app.settings.options import RateLimitOptions
from app.settings.rate_limit_rules import CustomRule
from app.settings.settings import Settings
from tests.commands.program import environment, run_printed
from tests.support.pages import block
from tests.support.plugins import enabled
from tests.support.prepared_files import prepare
from tests.support.secret import STRONG_SECRET as SECRET
from tests.support.service import PASSWORD, Service, browser, serving
from tests.support.webhooks import SECRET as WEBHOOK_SECRET

pytestmark = pytest.mark.anyio

_NEW = SECRET[::-1]
ADA, MALLORY = "ada@example.com", "mallory@example.com"
# Only wrong passwords are counted.
LIMITS = RateLimitOptions(storage="database", custom_rules=(CustomRule("/sign-in/*", None),))


class Office:
    """A service with Ada and Mallory, and the command line of whoever is on call."""

    def __init__(self, service: Service, folder: Path, **variables: str) -> None:
        self.service = service
        self._folder = folder
        self._environ = environment(
            **{
                "BETTER_AUTH_SECRET": SECRET,
                "DATABASE_URL": f"sqlite:///{folder / 'auth.db'}",
                "BETTER_AUTH_RATE_LIMIT_STORAGE": "database",
                **variables,
            }
        )

    async def run(self, line: str, status: int = 0) -> str:
        """Runs one line of the page. Returns what it prints."""
        done = await asyncio.to_thread(run_printed, self._folder, line, self._environ)
        assert done.returncode == status, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    async def run_all(self, lines: str) -> list[str]:
        return [await self.run(line) for line in lines.splitlines()]


@asynccontextmanager
async def opened(folder: Path, *plugins: Struct, **variables: str) -> AsyncIterator[Office]:
    """Where Ada and Mallory have signed up."""
    url, on = f"sqlite+aiosqlite:///{folder / 'auth.db'}", enabled(*plugins)
    settings = Settings(secret=SECRET, rate_limit=LIMITS, plugins=on)
    await prepare(url, derive_requirements(settings))
    async with serving(url, secret=SECRET, rate_limit=LIMITS, plugins=on) as service:
        for email in (ADA, MALLORY):
            assert (await service.sign_up(email)).status == 200
        yield Office(service, folder, **variables)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as office:
        yield office


async def has_session(service: Service, headers: Any) -> bool:
    return (await service.get("/get-session", headers)).json() is not None


async def test_person_is_locked_out_and_let_in_again(office: Office) -> None:
    service = office.service
    mallory = browser(await service.sign_in(MALLORY))
    ada = browser(await service.sign_in(ADA))
    out, show, back = block("docs/operating.md", "1. Lock this person out now", "sh").splitlines()
    await office.run(out)
    assert not await has_session(service, mallory)
    assert await has_session(service, ada)
    assert (await service.sign_in(MALLORY)).status == 403
    assert "stolen laptop" in await office.run(show)
    await office.run(back)
    assert (await service.sign_in(MALLORY)).status == 200


async def test_sign_ins_are_told_with_their_addresses(office: Office) -> None:
    await office.service.sign_in(ADA)
    listed, as_json, sessions = await office.run_all(
        block("docs/operating.md", "2. Who signed in from where?", "sh")
    )
    assert "signed_up" in listed
    [event] = [json.loads(line) for line in as_json.splitlines()]
    assert (event["event"], event["ipAddress"]) == ("signed_in", "127.0.0.1")
    assert len(sessions.splitlines()) == 3  # the heading, the sign-up, the sign-in


async def test_everybody_is_signed_out(office: Office) -> None:
    service = office.service
    signed_in = [browser(await service.sign_in(email)) for email in (ADA, MALLORY)]
    await office.run_all(block("docs/operating.md", "3. Sign everybody out", "sh"))
    assert not any([await has_session(service, each) for each in signed_in])


async def test_secret_is_looked_at(office: Office) -> None:
    new, checked, _ = await office.run_all(
        block("docs/operating.md", "4. Replace the secret", "sh")
    )
    assert len(new.strip()) == 43
    assert "BETTER_AUTH_SECRET" in checked


async def test_person_whom_no_mail_reaches_is_verified(office: Office) -> None:
    lines = block("docs/operating.md", "5. A mail bounced", "sh")
    _, shown, _, _ = await office.run_all(lines)
    assert ADA in shown
    ada = browser(await office.service.sign_in(ADA))
    found: Any = (await office.service.get("/get-session", ada)).json()
    assert found["user"]["emailVerified"] is True


async def test_owner_is_let_in_again_after_somebody_guessed(office: Office) -> None:
    service = office.service
    for _ in range(20):
        await service.sign_in(ADA, "a wrong password")
    assert (await service.sign_in(ADA)).status == 429
    await service.background.finish()
    failed, locked, _ = await office.run_all(
        block("docs/operating.md", "6. Somebody guesses passwords", "sh")
    )
    assert "INVALID_EMAIL_OR_PASSWORD" in failed
    assert len(locked.splitlines()) == 2
    assert (await service.sign_in(ADA)).status == 200


@pytest.mark.parametrize(
    "lines",
    [
        block("docs/operating.md", "7. The disk is full", "sh"),
        block("docs/operating.md", "8. The database moved", "sh"),
    ],
)
async def test_commands_find_nothing_wrong(office: Office, lines: str) -> None:
    await office.run_all(lines)


async def test_sessions_of_a_backup_end(office: Office) -> None:
    ada = browser(await office.service.sign_in(ADA))
    await office.run_all(block("docs/operating.md", "9. Restore a backup", "sh"))
    assert not await has_session(office.service, ada)
    assert (await office.service.sign_in(ADA, PASSWORD)).status == 200


async def test_tokens_of_a_leaked_key_are_refused(tmp_path: Path) -> None:
    pairs = JwtOptions(alg="EdDSA")
    async with opened(tmp_path, pairs, BETTER_AUTH_JWT_ALG="EdDSA") as office:
        service = office.service
        ada = browser(await service.sign_in(ADA))
        token: Any = (await service.get("/token", ada)).json()
        old = jwt.get_unverified_header(token["token"])["kid"]
        rotate, listed = block("docs/operating.md", "10. A key leaked", "sh").splitlines()
        await office.run(rotate)
        assert len((await office.run(listed)).splitlines()) == 2
        public: Any = (await service.get("/jwks")).json()
        assert [key["kid"] for key in public["keys"]] != [old]
        # The secret leaked, too, and a new one is in its place.
        other = Office(service, tmp_path, BETTER_AUTH_JWT_ALG="EdDSA", BETTER_AUTH_SECRET=_NEW)
        checked, ended, rotated = block(
            "docs/operating.md", "10. A key leaked", "sh", 1
        ).splitlines()
        await other.run(listed, status=1)
        await other.run(checked, status=1)
        await other.run(ended)
        assert not await has_session(service, ada)
        await other.run(rotated)
        await other.run(listed)
        await other.run(checked)


async def test_webhooks_that_stopped_are_sent_again(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "secret": SECRET,
        "rate_limit": LIMITS,
        "webhook_url": "http://localhost:1/",
        "webhook_secret": (WEBHOOK_SECRET,),
    }
    url = f"sqlite+aiosqlite:///{tmp_path / 'auth.db'}"
    await prepare(url, derive_requirements(Settings(**options)))
    async with serving(url, **options) as service:
        await service.sign_up(ADA)
        office = Office(
            service,
            tmp_path,
            WEBHOOK_URL=options["webhook_url"],
            WEBHOOK_SECRET=WEBHOOK_SECRET,
            WEBHOOK_ALLOW_PRIVATE="true",
        )
        examined, listed, again = block(
            "docs/operating.md", "11. Webhooks stopped", "sh"
        ).splitlines()
        assert "localhost:1 cannot be reached" in await office.run(examined, status=1)
        assert len((await office.run(listed)).splitlines()) == 3  # the heading, user, session
        assert await office.run(again) == "2 webhooks are sent again\n"
