"""Signing in by a username: nobody learns who exists, and everything that judges a sign-in does."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from app.auth.passwords import hashing
from app.auth.passwords.hashes import verify_hash
from app.plugins.username import routes
from app.plugins.username.options import UsernameOptions
from app.plugins.username.plugin import PLUGIN
from app.schema.migrate import migrate
from app.server.plugins import PLUGINS
from app.settings.options import EmailAndPasswordOptions, RateLimitOptions
from tests.plugins.riddle.plugin import PLUGIN as RIDDLE
from tests.plugins.riddle.plugin import RiddleOptions
from tests.support.asgi import Answer
from tests.support.plugins import plugged, required_by
from tests.support.service import EMAIL, PASSWORD, Service, serving
from tests.support.smtp import Outgoing
from tests.support.tables import accounts, sessions

pytestmark = pytest.mark.anyio

REFUSAL = {"message": "Invalid username or password", "code": "INVALID_USERNAME_OR_PASSWORD"}
MANY = RateLimitOptions(max=100_000)  # sign-in keeps its rule per address
FAILURES = 10


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with plugged(sqlite_url, PLUGIN, UsernameOptions()) as service:
        yield service


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that passwords are checked against."""
    found: list[str] = []

    def note(password: str, stored: str) -> bool:
        found.append(stored.rsplit("$", 2)[0])
        return verify_hash(password, stored)

    monkeypatch.setattr(hashing, "verify_hash", note)
    return found


async def sign_in(
    service: Service, username: str = "ada_1", password: str = PASSWORD, peer: str = "127.0.0.1"
) -> Answer:
    body = {"username": username, "password": password}
    return await service.post("/sign-in/username", body, peer=peer)


async def guess_from_many(service: Service, count: int, username: str = "ada_1") -> list[int]:
    tries = [
        await sign_in(service, username, "wrong horse", f"198.51.100.{n}") for n in range(count)
    ]
    return [answer.status for answer in tries]


async def test_user_signs_in_with_any_case_of_the_name(service: Service) -> None:
    up = await service.sign_up(username="Ada_1")
    answer = await sign_in(service, "aDA_1")
    assert answer.status == 200
    assert answer.json()["user"] == up.json()["user"]
    assert up.json()["user"]["username"] == "ada_1"
    assert up.json()["user"]["displayUsername"] == "Ada_1"
    assert len(await service.rows(sessions)) == 2


async def test_every_failure_is_one_answer_after_one_check(
    service: Service, checked: list[str]
) -> None:
    await service.sign_up(username="ada_1")
    answers = [await sign_in(service, password="wrong horse"), await sign_in(service, "unknown")]
    await service.alter(accounts, password=None)
    answers.append(await sign_in(service))
    await service.alter(accounts, providerId="github")
    answers.append(await sign_in(service))
    assert [(answer.status, answer.json()) for answer in answers] == [(401, REFUSAL)] * 4
    unnumbered = [[h for h in answer.headers if h[0] != "x-request-id"] for answer in answers]
    assert all(headers == unnumbered[0] for headers in unnumbered)
    assert len(checked) == 4
    assert len(set(checked)) == 1


@pytest.mark.parametrize("username", ["ada_1", "nobody"])
async def test_eleventh_failure_is_refused_whoever_it_is(sqlite_url: str, username: str) -> None:
    async with plugged(sqlite_url, PLUGIN, UsernameOptions(), rate_limit=MANY) as service:
        await service.post(
            "/sign-up/email",
            {"name": "Ada", "email": EMAIL, "password": PASSWORD, "username": "Ada_1"},
            peer="192.0.2.7",
        )
        statuses = await guess_from_many(service, FAILURES + 1, username.upper())
        assert statuses == [401] * FAILURES + [429]
        # The address has a count of its own, or it would tell whose username this is.
        assert (await service.sign_in()).status == 200


async def test_owner_signs_in_from_home_while_others_guess(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, UsernameOptions(), rate_limit=MANY) as service:
        await service.post(
            "/sign-up/email",
            {"name": "Ada", "email": EMAIL, "password": PASSWORD, "username": "ada_1"},
            peer="192.0.2.7",
        )
        await guess_from_many(service, FAILURES)
        assert (await sign_in(service, peer="198.51.100.99")).status == 429
        assert (await sign_in(service, peer="192.0.2.7")).status == 200


async def test_reset_by_mail_lets_a_locked_out_owner_in(sqlite_url: str) -> None:
    outgoing, home = Outgoing(), "192.0.2.7"
    options = UsernameOptions()
    async with plugged(sqlite_url, PLUGIN, options, rate_limit=MANY, mailer=outgoing) as service:
        await service.sign_up(username="ada_1")
        await service.execute("DELETE FROM session")
        await guess_from_many(service, FAILURES)
        assert (await sign_in(service, peer=home)).status == 429
        await service.post("/request-password-reset", {"email": EMAIL}, peer=home)
        token = urlsplit(outgoing.link()).path.rpartition("/")[2]
        chosen = {"newPassword": "a new password", "token": token}
        assert (await service.post("/reset-password", chosen, peer=home)).status == 200
        await guess_from_many(service, FAILURES)
        assert (await sign_in(service, password="a new password", peer=home)).status == 200


async def test_second_factor_is_asked_for(sqlite_url: str) -> None:
    required = required_by(PLUGIN, UsernameOptions())
    await migrate(sqlite_url, required)
    on = (PLUGIN.enable(UsernameOptions()), RIDDLE.enable(RiddleOptions()))
    async with serving(sqlite_url, installed=[*PLUGINS, RIDDLE], plugins=on) as service:
        await service.sign_up(username="ada_1")
        await service.execute("DELETE FROM session")
        answer = await sign_in(service)
        assert answer.json() == {"riddle": "What is it?"}
        assert await service.rows(sessions) == []


async def test_banned_user_gets_no_session(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, UsernameOptions()) as service:
        await service.sign_up(username="ada_1")
        await service.execute('ALTER TABLE "user" ADD COLUMN banned integer')
        await service.execute('UPDATE "user" SET banned = 1')
    async with plugged(sqlite_url, PLUGIN, UsernameOptions()) as service:
        answer = await sign_in(service)
        assert (answer.status, answer.json()["code"]) == (403, "BANNED_USER")


async def test_address_that_is_not_verified_is_told_to_the_owner_alone(sqlite_url: str) -> None:
    required = EmailAndPasswordOptions(require_email_verification=True)
    options = {"email_and_password": required}
    async with plugged(sqlite_url, PLUGIN, UsernameOptions(), **options) as service:
        await service.sign_up(username="ada_1")
        assert (await sign_in(service, password="wrong horse")).json() == REFUSAL
        assert (await sign_in(service)).json()["code"] == "EMAIL_NOT_VERIFIED"
        assert await service.rows(sessions) == []


async def test_column_that_ignores_accents_signs_nobody_else_in(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.sign_up(username="ada_1")
    monkeypatch.setattr(routes, "get_username", lambda _: "ädä_1")
    assert (await sign_in(service)).json() == REFUSAL
    monkeypatch.setattr(routes, "get_username", lambda _: "ADA_1")
    assert (await sign_in(service)).status == 200


async def test_own_column_is_read(database_url: str) -> None:
    fields = replace(UsernameOptions().schema.user.fields, username="handle")
    user = replace(UsernameOptions().schema.user, fields=fields)
    options = UsernameOptions(schema=replace(UsernameOptions().schema, user=user))
    async with plugged(database_url, PLUGIN, options) as service:
        await service.sign_up(username="Ada_1")
        answers = await asyncio.gather(sign_in(service), sign_in(service, "other"))
    assert [answer.status for answer in answers] == [200, 401]
