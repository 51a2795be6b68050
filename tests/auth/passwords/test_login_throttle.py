"""The limit per account: guessers are stopped, owners are not, and nobody learns who has one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.auth.errors import HashingOverloaded
from app.auth.passwords import hashing as passwords
from app.auth.users.users import Users
from app.schema.requirements import Requirements
from app.settings.options import (
    AdvancedOptions,
    DeleteUserOptions,
    IpAddressOptions,
    RateLimitOptions,
    UserOptions,
)
from app.settings.rate_limit_rules import CustomRule
from app.storage.database import open_database
from app.storage.redis import RedisStorage
from tests.support.asgi import Answer
from tests.support.logged import Lines
from tests.support.prepared_files import prepare
from tests.support.service import EMAIL, PASSWORD, Service, bearer, serve, serving
from tests.support.smtp import Outgoing
from tests.support.tables import rate_limits

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

FAILURES = 10
MANY = RateLimitOptions(max=100_000)  # sign-in keeps its rule per address
HOME, AWAY = "192.0.2.7", "198.51.100."


@asynccontextmanager
async def limited(url: str, policy: RateLimitOptions = MANY) -> AsyncIterator[Service]:
    await prepare(url, Requirements(rate_limits=policy.storage == "database"))
    async with serving(url, rate_limit=policy) as service:
        yield service


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with limited(sqlite_url) as made:
        yield made


async def guess(service: Service, peer: str, password: str = "wrong", email: str = EMAIL) -> Answer:
    body = {"email": email, "password": password}
    return await service.post("/sign-in/email", body, peer=peer)


async def guess_from_many(service: Service, count: int, email: str = EMAIL) -> list[int]:
    return [(await guess(service, f"{AWAY}{n}", email=email)).status for n in range(count)]


async def sign_up_at_home(service: Service) -> Answer:
    body = {"name": "Ada", "email": EMAIL, "password": PASSWORD}
    return await service.post("/sign-up/email", body, peer=HOME)


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
async def test_eleventh_failure_is_refused_whoever_it_is(service: Service, email: str) -> None:
    await sign_up_at_home(service)
    statuses = await guess_from_many(service, FAILURES + 2, email)
    assert statuses == [401] * FAILURES + [429] * 2


async def test_answer_is_that_of_the_other_limiter(service: Service) -> None:
    await guess_from_many(service, FAILURES)
    refused = await guess(service, HOME)
    assert refused.json() == {"message": "Too many requests. Please try again later."}
    assert refused.header("x-retry-after") == "900"


async def test_right_password_is_refused_too(service: Service) -> None:
    await sign_up_at_home(service)
    await service.execute("DELETE FROM session")
    await guess_from_many(service, FAILURES)
    assert (await guess(service, f"{AWAY}99", PASSWORD)).status == 429


async def test_log_says_whose_account_is_throttled_and_who_tried(
    service: Service, log: Lines
) -> None:
    ada = (await sign_up_at_home(service)).json()["user"]
    await guess_from_many(service, FAILURES + 1)
    await guess_from_many(service, FAILURES + 1, "nobody@example.com")
    known, unknown = [each for each in log() if each.get("message") == "account throttled"]
    assert (known["user"], known["client"], known["seconds"]) == (ada["id"], f"{AWAY}10", 900)
    assert "user" not in unknown


async def test_address_counts_in_any_case(service: Service) -> None:
    await guess_from_many(service, FAILURES)
    assert (await guess(service, HOME, email=EMAIL.upper())).status == 429


async def test_owner_at_home_has_an_allowance_of_their_own(service: Service) -> None:
    await sign_up_at_home(service)
    await guess_from_many(service, FAILURES)
    assert (await guess(service, f"{AWAY}99", PASSWORD)).status == 429
    assert (await guess(service, HOME, PASSWORD)).status == 200


@pytest.mark.parametrize("place", ["memory", "sqlite", "postgres", "redis"])
async def test_owner_who_signed_out_has_it_too(counting: Service) -> None:
    await sign_up_at_home(counting)
    ada = bearer((await guess(counting, HOME, PASSWORD)).json()["token"])
    assert (await counting.post("/revoke-sessions", {}, ada)).status == 200
    assert await guess_from_many(counting, FAILURES) == [401] * FAILURES
    assert (await guess(counting, f"{AWAY}99", PASSWORD)).status == 429
    assert (await guess(counting, HOME, PASSWORD)).status == 200


async def test_who_guessed_wrong_is_not_remembered(service: Service) -> None:
    await sign_up_at_home(service)
    await guess_from_many(service, FAILURES)
    assert (await guess(service, f"{AWAY}1", PASSWORD)).status == 429


async def test_home_is_that_of_one_account(service: Service) -> None:
    await sign_up_at_home(service)
    await service.sign_up("eve@example.com")
    await guess(service, f"{AWAY}99", PASSWORD, "eve@example.com")
    await guess_from_many(service, FAILURES)
    assert (await guess(service, f"{AWAY}99", PASSWORD)).status == 429


async def test_allowance_of_home_ends_as_well(service: Service) -> None:
    ada = bearer((await sign_up_at_home(service)).json()["token"])
    await guess_from_many(service, FAILURES)
    wrong = {"password": "wrong"}
    codes = [
        (await service.post("/verify-password", wrong, ada, peer=HOME)).status
        for _ in range(FAILURES + 1)
    ]
    assert codes == [400] * FAILURES + [429]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/verify-password", {"password": "wrong"}),
        ("/change-password", {"currentPassword": "wrong", "newPassword": "long enough"}),
        ("/delete-user", {"password": "wrong"}),
    ],
)
async def test_wrong_passwords_of_who_is_signed_in_count(
    sqlite_url: str, path: str, body: dict[str, str]
) -> None:
    deleting = UserOptions(delete_user=DeleteUserOptions(enabled=True))
    unlimited = (CustomRule("/change-password", 10, 1000),)
    policy = RateLimitOptions(max=1000, custom_rules=unlimited)
    async with serving(sqlite_url, rate_limit=policy, user=deleting) as service:
        ada = bearer((await sign_up_at_home(service)).json()["token"])
        codes = [(await service.post(path, body, ada)).status for _ in range(FAILURES + 1)]
    assert codes == [400] * FAILURES + [429]


async def test_success_clears_the_count(service: Service) -> None:
    await sign_up_at_home(service)
    assert await guess_from_many(service, FAILURES - 1) == [401] * (FAILURES - 1)
    assert (await guess(service, f"{AWAY}99", PASSWORD)).status == 200
    assert await guess_from_many(service, 3) == [401] * 3


@pytest.mark.parametrize("place", ["memory", "sqlite", "postgres", "redis"])
async def test_refused_check_does_not_count_and_a_released_one_makes_room(
    counting: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_up_at_home(counting)
    assert await guess_from_many(counting, FAILURES - 1) == [401] * (FAILURES - 1)
    waiting, entered = asyncio.Event(), asyncio.Event()

    async def overloaded(*_: object) -> bool:
        entered.set()
        await waiting.wait()
        raise HashingOverloaded

    with monkeypatch.context() as patched:
        patched.setattr(passwords.Passwords, "verify", overloaded)
        tenth = asyncio.create_task(guess(counting, f"{AWAY}97"))
        await entered.wait()
        assert set(await guess_from_many(counting, 3)) == {429}
        waiting.set()
        assert (await tenth).status == 503
    assert (await guess(counting, f"{AWAY}98", PASSWORD)).status == 200


async def test_refusal_looks_for_sessions_whoever_it_is(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 429 that took longer for a real address would tell who has an account."""
    asked: list[str] = []
    real = Users.has_session_from

    async def looked(self: Users, user_id: str, ip: str, at: datetime) -> bool:
        asked.append(user_id)
        return await real(self, user_id, ip, at)

    monkeypatch.setattr(Users, "has_session_from", looked)
    await sign_up_at_home(service)
    for email in (EMAIL, "nobody@example.com"):
        await guess_from_many(service, FAILURES, email)
        assert not asked
        assert (await guess(service, f"{AWAY}99", email=email)).status == 429
        assert len(asked) == 1
        asked.clear()


async def test_check_that_was_never_made_does_not_count(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_up_at_home(service)
    with monkeypatch.context() as patched:

        async def overloaded(*_: object) -> bool:
            raise HashingOverloaded

        patched.setattr(passwords.Passwords, "verify", overloaded)
        assert set(await guess_from_many(service, FAILURES + 5)) == {503}
    assert (await guess(service, f"{AWAY}98", PASSWORD)).status == 200


@pytest.mark.parametrize("rounds", [1, 2])
async def test_reset_by_mail_lets_a_locked_out_owner_in(sqlite_url: str, rounds: int) -> None:
    """And strangers who go on guessing do not lock them out again."""
    outgoing = Outgoing()
    async with serving(sqlite_url, mailer=outgoing, rate_limit=MANY) as service:
        await sign_up_at_home(service)
        await service.execute("DELETE FROM session")
        await guess_from_many(service, FAILURES)
        assert (await guess(service, HOME, PASSWORD)).status == 429
        await service.post("/request-password-reset", {"email": EMAIL}, peer=HOME)
        token = urlsplit(outgoing.link()).path.rpartition("/")[2]
        chosen = {"newPassword": "a new password", "token": token}
        assert (await service.post("/reset-password", chosen, peer=HOME)).status == 200
        for _ in range(rounds - 1):
            await guess_from_many(service, FAILURES + 1)
        assert (await guess(service, HOME, "a new password")).status == 200


async def test_limits_that_are_off_are_off(sqlite_url: str) -> None:
    async with limited(sqlite_url, RateLimitOptions(enabled=False)) as service:
        assert set(await guess_from_many(service, FAILURES + 5)) == {401}


async def test_unknown_client_is_never_at_home(sqlite_url: str) -> None:
    untracked = AdvancedOptions(ip_address=IpAddressOptions(disable_ip_tracking=True))
    async with serving(sqlite_url, rate_limit=MANY, advanced=untracked) as service:
        await sign_up_at_home(service)
        await guess_from_many(service, FAILURES)
        assert (await guess(service, HOME, PASSWORD)).status == 429


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("place", ["memory", "sqlite", "postgres", "redis"])
async def test_fifty_at_once_make_ten_checks(
    counting: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever guesses at once from many addresses gets no further, wherever is counted."""
    made: list[str] = []

    async def checked(self: object, password: str, stored: str | None) -> bool:
        made.append(password)
        await asyncio.sleep(0)
        return False

    monkeypatch.setattr(passwords.Passwords, "verify", checked)
    answers = await asyncio.gather(*(guess(counting, f"{AWAY}{n}") for n in range(50)))
    assert len(made) == FAILURES
    assert sorted(answer.status for answer in answers) == [401] * FAILURES + [429] * 40


@pytest.fixture
def counting_url(place: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("postgres_url" if place == "postgres" else "sqlite_url"))


@pytest.fixture
def beside(place: str, request: pytest.FixtureRequest) -> str | None:
    return str(request.getfixturevalue("redis_url")) if place == "redis" else None


@pytest.fixture
async def counting(place: str, counting_url: str, beside: str | None) -> AsyncIterator[Service]:
    """The service that counts in a place."""
    if beside is None:
        kind: Literal["memory", "database"] = "memory" if place == "memory" else "database"
        async with limited(counting_url, RateLimitOptions(max=1000, storage=kind)) as service:
            yield service
        return
    storage, database = RedisStorage.open(beside, ""), await open_database(counting_url)
    yield await serve(database, storage=storage, rate_limit=MANY, redis_url=beside)
    await database.close()
    await storage.close()


@pytest.mark.engines("sqlite", "postgres")
async def test_store_does_not_know_whose_password_was_tried(database_url: str) -> None:
    policy = RateLimitOptions(max=100_000, storage="database")
    async with limited(database_url, policy) as service:
        await sign_up_at_home(service)
        for password in (PASSWORD, "wrong"):
            await guess(service, HOME, password)
        rows = await service.database.read_all(select(rate_limits.c.key))
    keys = sorted(row.key for row in rows)
    assert keys[:2] == [f"{HOME}|/sign-in/email", f"{HOME}|/sign-up/email"]
    assert [key.partition("|")[0] for key in keys[2:]] == ["account", "home"]
    assert not any("ada" in key or HOME in key for key in keys[2:])
