"""Passwords are set and verified by calls."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app import BetterAuth, Refusal, User
from app.models.records import Client
from app.settings.options import RateLimitOptions
from app.web.rate_rule import FAILURES
from tests.server.embedding.api.opened import opened
from tests.support.audited import list_names

pytestmark = pytest.mark.anyio
OLD, NEW, WRONG = "correct horse", "battery staple", "wrong password"
HOME, AWAY = "203.0.113.7", "198.51.100.9"


@pytest.fixture
async def auth(database_url: str) -> AsyncIterator[BetterAuth]:
    async with opened(database_url) as made:
        yield made


@pytest.fixture
async def throttled(sqlite_url: str) -> AsyncIterator[BetterAuth]:
    async with opened(sqlite_url, rate_limit=RateLimitOptions(storage="memory")) as made:
        yield made


async def create(auth: BetterAuth, password: str | None = OLD) -> User:
    return await auth.api.create_user(email="ada@example.com", name="Ada", password=password)


async def test_a_password_is_verified(auth: BetterAuth) -> None:
    user = await create(auth)
    assert await auth.api.verify_password(user.id, OLD)
    assert not await auth.api.verify_password(user.id, WRONG)


async def test_a_new_password_takes_the_place_of_the_old_one_and_ends_sessions(
    auth: BetterAuth,
) -> None:
    user = await create(auth)
    for _ in range(2):
        await auth.api.create_session(user.id)
    assert await auth.api.set_user_password(user.id, NEW) == 2
    assert await auth.api.list_user_sessions(user.id) == []
    assert await auth.api.verify_password(user.id, NEW)
    assert not await auth.api.verify_password(user.id, OLD)
    assert (await list_names(auth.container.database))[-1] == "password_set"


async def test_a_user_without_a_password_gets_one(auth: BetterAuth) -> None:
    user = await create(auth, None)
    await auth.api.set_user_password(user.id, NEW)
    assert await auth.api.verify_password(user.id, NEW)


@pytest.mark.parametrize(
    ("password", "code"), [("short", "PASSWORD_TOO_SHORT"), ("x" * 129, "PASSWORD_TOO_LONG")]
)
async def test_a_password_of_a_wrong_length_changes_nothing(
    auth: BetterAuth, password: str, code: str
) -> None:
    user = await create(auth)
    with pytest.raises(Refusal) as raised:
        await auth.api.set_user_password(user.id, password)
    assert raised.value.code == code
    assert await auth.api.verify_password(user.id, OLD)


async def test_hooks_check_new_passwords(auth: BetterAuth) -> None:
    paths: list[str] = []

    async def check(_password: str, path: str) -> None:
        paths.append(path)

    auth.container.hooks.check_new_password.append(check)
    user = await create(auth)
    await auth.api.set_user_password(user.id, NEW)
    assert paths == ["/admin/create-user", "/admin/set-user-password"]


async def test_parallel_guesses_are_stopped_as_at_the_sign_in(throttled: BetterAuth) -> None:
    user = await create(throttled)
    guesses = (throttled.api.verify_password(user.id, WRONG) for _ in range(FAILURES.max + 5))
    results = await asyncio.gather(*guesses, return_exceptions=True)
    assert results.count(False) == FAILURES.max
    stopped = [each for each in results if isinstance(each, Refusal)]
    assert [each.status for each in stopped] == [429] * 5


async def test_the_owner_is_not_locked_out_where_the_client_is_known(
    throttled: BetterAuth,
) -> None:
    user, api = await create(throttled), throttled.api
    assert await api.verify_password(user.id, OLD, client_ip=HOME)
    for _ in range(FAILURES.max):
        assert not await api.verify_password(user.id, WRONG, client_ip=AWAY)
    with pytest.raises(Refusal) as raised:
        await api.verify_password(user.id, OLD, client_ip=AWAY)
    assert raised.value.status == 429
    assert await api.verify_password(user.id, OLD, client_ip=HOME)


async def test_a_client_is_known_by_its_network_as_in_requests(throttled: BetterAuth) -> None:
    user, api = await create(throttled), throttled.api
    assert await api.verify_password(user.id, OLD, client_ip="2001:db8:1:2::7")
    for _ in range(FAILURES.max):
        await api.verify_password(user.id, WRONG)
    assert await api.verify_password(user.id, OLD, client_ip="2001:DB8:1:2::8")
    with pytest.raises(Refusal) as raised:
        await api.verify_password(user.id, OLD, client_ip="somewhere")
    assert raised.value.code == "VALIDATION_ERROR"


async def test_a_new_password_forgets_the_wrong_ones(throttled: BetterAuth) -> None:
    user = await create(throttled)
    for _ in range(FAILURES.max):
        await throttled.api.verify_password(user.id, WRONG)
    await throttled.api.set_user_password(user.id, NEW)
    assert await throttled.api.verify_password(user.id, NEW)


async def test_guesses_here_and_at_the_sign_in_count_together(throttled: BetterAuth) -> None:
    user, container = await create(throttled), throttled.container
    for _ in range(FAILURES.max):
        await throttled.api.verify_password(user.id, WRONG)
    login = container.sign_in.make_login(user.email, OLD)
    with pytest.raises(Refusal) as raised:
        async with container.current_password.throttle.attempt(
            login.account, Client(AWAY, "").ip, login.find
        ):
            pass
    assert raised.value.status == 429
