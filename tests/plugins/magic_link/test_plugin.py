"""Links that sign in: what they open, what they end, and that each works once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from app.auth.verifications.database import DatabaseVerifications
from app.models.clock import now
from app.plugins.magic_link.options import MagicLinkOptions
from app.plugins.magic_link.plugin import PLUGIN
from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from app.settings.options import ChangeEmailOptions, UserOptions, VerificationOptions
from app.settings.validation import NEEDS_SMTP
from app.storage.redis import RedisStorage
from tests.support.asgi import Answer
from tests.support.logged import Lines
from tests.support.plugins import plugged
from tests.support.secret import STRONG_SECRET
from tests.support.service import EMAIL, Service, browser
from tests.support.smtp import Outgoing
from tests.support.tables import TABLES, accounts, sessions, users, verifications

pytestmark = pytest.mark.anyio

SEND = "/sign-in/magic-link"


@pytest.fixture
def outbox() -> Outgoing:
    return Outgoing()


@pytest.fixture
async def service(sqlite_url: str, outbox: Outgoing) -> AsyncIterator[Service]:
    async with plugged(sqlite_url, PLUGIN, MagicLinkOptions(), mailer=outbox) as made:
        yield made


async def ask(service: Service, outbox: Outgoing, email: str = EMAIL, **fields: object) -> str:
    """The path of a link that was just mailed."""
    answer = await service.post(SEND, {"email": email, **fields})
    assert (answer.status, answer.json()) == (200, {"status": True})
    link = urlsplit(outbox.link())
    return f"{link.path.removeprefix('/api/auth')}?{link.query}"


def error_of(answer: Answer) -> str:
    assert answer.status == 302
    return parse_qs(urlsplit(answer.header("location") or "").query)["error"][0]


async def test_link_signs_in_once(service: Service, outbox: Outgoing) -> None:
    link = await ask(service, outbox, name="Ada", newUserCallbackURL="/welcome")
    opened = await service.get(link)
    assert opened.header("location") == "http://localhost:8000/welcome"
    found = (await service.get("/get-session", browser(opened))).json()
    assert (found["user"]["name"], found["user"]["emailVerified"]) == ("Ada", True)
    assert await service.rows(accounts) == await service.rows(verifications) == []
    assert error_of(await service.get(link)) == "INVALID_TOKEN"
    again = await service.get(await ask(service, outbox, callbackURL="/home"))
    assert again.header("location") == "http://localhost:8000/home"
    assert len(await service.rows(users)) == 1


async def test_mail_says_what_it_is_for(service: Service, outbox: Outgoing) -> None:
    await ask(service, outbox)
    (mail,) = outbox.messages
    assert (mail.kind, mail.to) == ("magic-link", EMAIL)
    assert "works once, for 5 minutes" in mail.text


async def test_first_proof_of_an_address_ends_what_was_there(
    database_url: str, outbox: Outgoing
) -> None:
    """Who signs up with an address of somebody else must not share the account later."""
    async with plugged(database_url, PLUGIN, MagicLinkOptions(), mailer=outbox) as service:
        mallory = browser(await service.sign_up())
        owner = browser(await service.get(await ask(service, outbox)))
        assert (await service.get("/get-session", mallory)).json() is None
        assert (await service.get("/get-session", owner)).json()["user"]["emailVerified"] is True
        assert (await service.sign_in()).status == 401
        assert await service.rows(accounts) == []
        kept = await service.get(await ask(service, outbox))
        assert kept.status == 302
        assert len(await service.rows(sessions)) == 2


async def test_first_proof_ends_changes_of_the_address_that_were_asked_for_before(
    database_url: str, outbox: Outgoing
) -> None:
    """Or who signed up with the address of somebody else gets the account of the owner."""
    options = UserOptions(change_email=ChangeEmailOptions(enabled=True))
    async with plugged(
        database_url, PLUGIN, MagicLinkOptions(), mailer=outbox, user=options
    ) as service:
        mallory = browser(await service.sign_up())
        change = {"newEmail": "mallory@example.com"}
        assert (await service.post("/change-email", change, mallory)).status == 200
        mailed = urlsplit(outbox.link())
        await service.get(await ask(service, outbox))
        opened = await service.get(f"/verify-email?{mailed.query}")
        assert error_of(opened) == "INVALID_TOKEN"
        assert [user["email"] for user in await service.rows(users)] == [EMAIL]


async def test_sessions_that_a_link_ends_are_logged(
    service: Service, outbox: Outgoing, log: Lines
) -> None:
    await service.sign_up()
    await service.get(await ask(service, outbox))
    (line,) = [line for line in log() if line.get("message") == "sessions ended"]
    assert (line["why"], line["count"]) == ("address verified", 1)


async def test_password_of_a_verified_account_stays(service: Service, outbox: Outgoing) -> None:
    await service.sign_up()
    await service.alter(users, emailVerified=True)
    assert (await service.get(await ask(service, outbox))).status == 302
    assert (await service.sign_in()).status == 200


async def test_sessions_in_redis_end_too(
    sqlite_url: str, outbox: Outgoing, storage: RedisStorage
) -> None:
    options = MagicLinkOptions()
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox, storage=storage) as service:
        mallory = browser(await service.sign_up())
        owner = browser(await service.get(await ask(service, outbox)))
        assert (await service.get("/get-session", mallory)).json() is None
        assert (await service.get("/get-session", owner)).json()["user"]["emailVerified"] is True


async def test_link_that_comes_often_at_once_signs_in_once(
    database_url: str, outbox: Outgoing
) -> None:
    """PR 9572: parallel requests got several sessions for one link."""
    options = MagicLinkOptions()
    async with (
        plugged(database_url, PLUGIN, options, mailer=outbox) as one,
        plugged(database_url, PLUGIN, options, mailer=outbox) as other,
    ):
        link = await ask(one, outbox)
        tries = [each.get(link) for each in (one, other) * 25]
        opened = Counter(
            "error" in (answer.header("location") or "") for answer in await asyncio.gather(*tries)
        )
        assert opened == {False: 1, True: 49}
        assert len(await one.rows(sessions)) == len(await one.rows(users)) == 1


async def test_links_of_a_new_user_opened_at_once_all_sign_in(
    database_url: str, outbox: Outgoing
) -> None:
    options = MagicLinkOptions()
    async with (
        plugged(database_url, PLUGIN, options, mailer=outbox) as one,
        plugged(database_url, PLUGIN, options, mailer=outbox) as other,
    ):
        links = [await ask(one, outbox) for _ in range(6)]
        tries = [each.get(link) for each, link in zip((one, other) * 3, links, strict=True)]
        assert {answer.header("location") for answer in await asyncio.gather(*tries)} == {
            "http://localhost:8000/"
        }
        assert len(await one.rows(users)) == 1
        assert len(await one.rows(sessions)) == 6


async def test_expired_link_is_useless(service: Service, outbox: Outgoing) -> None:
    link = await ask(service, outbox)
    await service.alter(verifications, expiresAt="2026-01-01T00:00:00.000Z")
    assert error_of(await service.get(link)) == "INVALID_TOKEN"
    assert await service.rows(users) == []


async def test_link_that_a_node_server_mailed_works(service: Service) -> None:
    until = now() + timedelta(minutes=5)
    value = '{"type":"magic-link","email":"Ada@example.com","name":"Ada"}'
    rows = DatabaseVerifications(service.database, TABLES, VerificationOptions())
    await rows.put(f"magic-link:{'a' * 32}", value, until, now())
    opened = await service.get(f"/magic-link/verify?token={'a' * 32}&callbackURL=%2F")
    assert opened.header("location") == "http://localhost:8000/"
    assert [row["email"] for row in await service.rows(users)] == [EMAIL]


async def test_value_of_another_purpose_is_no_link(service: Service, outbox: Outgoing) -> None:
    link = await ask(service, outbox)
    await service.alter(verifications, value='{"type":"other","email":"ada@example.com"}')
    assert error_of(await service.get(link)) == "INVALID_TOKEN"
    await service.alter(verifications, value="q6Gz2mVd0TnYb1Rk7XcW9sLf")
    assert error_of(await service.get(link)) == "INVALID_TOKEN"


async def test_stored_token_opens_nothing_where_it_is_hashed(
    sqlite_url: str, outbox: Outgoing
) -> None:
    options = MagicLinkOptions(store_token="hashed")
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox) as service:
        link = await ask(service, outbox)
        ((identifier,),) = await service.database.read_all(select(verifications.c.identifier))
        stored = identifier.removeprefix("magic-link:")
        assert stored not in link
        assert error_of(await service.get(f"/magic-link/verify?token={stored}")) == "INVALID_TOKEN"
        assert (await service.get(link)).header("location") == "http://localhost:8000/"


async def test_nobody_signs_up_where_that_is_off(sqlite_url: str, outbox: Outgoing) -> None:
    options = MagicLinkOptions(disable_sign_up=True)
    async with plugged(sqlite_url, PLUGIN, options, mailer=outbox) as service:
        link = await ask(service, outbox, errorCallbackURL="/sorry")
        refused = await service.get(link)
        assert refused.header("location") == (
            "http://localhost:8000/sorry?error=new_user_signup_disabled"
        )
        assert error_of(await service.get(link)) == "INVALID_TOKEN"
        assert await service.rows(users) == []


async def test_banned_user_is_refused_and_keeps_all(sqlite_url: str, outbox: Outgoing) -> None:
    async with plugged(sqlite_url, PLUGIN, MagicLinkOptions(), mailer=outbox) as service:
        await service.sign_up()
        await service.execute('ALTER TABLE "user" ADD COLUMN "banned" integer DEFAULT 1')
    async with plugged(sqlite_url, PLUGIN, MagicLinkOptions(), mailer=outbox) as service:
        answer = await service.get(await ask(service, outbox))
        assert (answer.status, answer.json()["code"]) == (403, "BANNED_USER")
        assert len(await service.rows(accounts)) == len(await service.rows(verifications)) == 1


async def test_link_stays_where_the_session_cannot_be_stored(
    service: Service, outbox: Outgoing
) -> None:
    link = await ask(service, outbox)
    await service.execute(
        "CREATE TRIGGER no BEFORE INSERT ON session BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    assert error_of(await service.get(link)) == "FAILED_TO_CREATE_USER"
    assert await service.rows(users) == []
    await service.execute("DROP TRIGGER no")
    assert (await service.get(link)).header("location") == "http://localhost:8000/"


async def test_response_is_the_same_for_every_address(service: Service, outbox: Outgoing) -> None:
    await service.sign_up()
    known = await service.post(SEND, {"email": EMAIL})
    unknown = await service.post(SEND, {"email": "nobody@example.com"})
    assert (known.status, known.body) == (unknown.status, unknown.body)
    assert len(outbox.messages) == 2


def test_service_needs_a_mail_server() -> None:
    environ = {"BETTER_AUTH_SECRET": STRONG_SECRET, "BETTER_AUTH_PLUGINS": "magic-link"}
    with pytest.raises(SettingsError) as caught:
        read_settings(environ, None)
    assert caught.value.lines == (f"BETTER_AUTH_PLUGINS: magic-link {NEEDS_SMTP}",)


async def test_ignored_option_is_warned_of(
    sqlite_url: str, outbox: Outgoing, caplog: pytest.LogCaptureFixture
) -> None:
    async with plugged(sqlite_url, PLUGIN, MagicLinkOptions(allowed_attempts=3), mailer=outbox):
        pass
    assert "BETTER_AUTH_MAGIC_LINK_ALLOWED_ATTEMPTS has no effect" in caplog.text
