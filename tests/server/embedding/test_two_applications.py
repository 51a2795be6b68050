"""Two objects with two databases and two secrets in one process do not disturb each other."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copy
from threading import Barrier
from typing import Any

import pytest

from app import BetterAuth, HookRefusal, PendingUser
from app.bridge import Verifier
from app.bridge.errors import InvalidToken
from app.settings.options import AdvancedOptions, RateLimitOptions
from tests.support.asgi import call
from tests.support.prepared_files import prepare
from tests.support.secret import STRONG_SECRET
from tests.support.service import EMAIL, cookies
from tests.support.webhooks import REQUIREMENTS, receiving
from tests.support.webhooks import SECRET as WEBHOOK_SECRET

from .mounted import cookie_of, make_auth, sign_in, sign_up

pytestmark = pytest.mark.anyio

SECRETS = (STRONG_SECRET, "Zt8wR5yB1nC6dF0gH2sk3J9vQ2mX7pL4")
Pair = tuple[BetterAuth, BetterAuth]


@pytest.fixture
def urls(sqlite_template: Path, tmp_path: Path) -> tuple[str, str]:
    for name in ("one", "two"):
        copy(sqlite_template, tmp_path / f"{name}.db")
    return f"sqlite:///{tmp_path / 'one.db'}", f"sqlite:///{tmp_path / 'two.db'}"


@pytest.fixture
async def pair(urls: tuple[str, str]) -> AsyncIterator[Pair]:
    one, two = (make_auth(url, secret=secret) for url, secret in zip(urls, SECRETS, strict=True))
    async with one.lifespan(), two.lifespan():
        yield one, two


async def test_session_of_one_is_none_of_the_other(pair: Pair) -> None:
    one, two = pair
    cookie = await cookie_of(one)
    assert await one.get_session([cookie]) is not None
    assert await two.get_session([cookie]) is None
    assert (await sign_in(two)).status == 401
    assert (await sign_up(two)).status == 200


async def test_each_signs_tokens_with_its_own_secret(pair: Pair) -> None:
    for auth, own, other in zip(pair, SECRETS, reversed(SECRETS), strict=True):
        cookie = await cookie_of(auth)
        token = (await call(auth, "GET", "/api/auth/token", [cookie])).json()["token"]
        assert Verifier(own).verify(token).email == EMAIL
        with pytest.raises(InvalidToken):
            Verifier(other).verify(token)


async def test_hooks_and_names_of_cookies_are_those_of_one(urls: tuple[str, str]) -> None:
    one = make_auth(urls[0])
    two = make_auth(urls[1], advanced=AdvancedOptions(cookie_prefix="staff"))

    @one.hooks.before_user_created
    def refuse(_user: PendingUser) -> None:
        raise HookRefusal("CLOSED", "Nobody signs up here")

    async with one.lifespan(), two.lifespan():
        assert (await sign_up(one)).json()["code"] == "CLOSED"
        assert cookies(await sign_up(two)).startswith("staff.session_token=")


async def test_requests_are_counted_apart(urls: tuple[str, str]) -> None:
    limits = RateLimitOptions(window=60, max=2)
    one, two = (make_auth(url, rate_limit=limits) for url in urls)
    async with one.lifespan(), two.lifespan():
        path = "/api/auth/get-session"
        assert [(await call(one, "GET", path)).status for _ in range(3)] == [200, 200, 429]
        assert (await call(two, "GET", path)).status == 200


async def test_one_serves_on_when_the_other_closes_and_opens_again(
    urls: tuple[str, str],
) -> None:
    one, two = (make_auth(url) for url in urls)
    first, second = one.lifespan(), two.lifespan()
    await first.__aenter__()
    await second.__aenter__()
    cookie = await cookie_of(two)
    await first.__aexit__(None, None, None)
    assert await two.get_session([cookie]) is not None
    async with one.lifespan():
        assert (await sign_up(one)).status == 200
        await second.__aexit__(None, None, None)
        assert (await sign_in(one)).status == 200


def test_two_threads_with_two_event_loops(urls: tuple[str, str]) -> None:
    both_are_open = Barrier(2, timeout=30)

    def serve(url: str, secret: str) -> list[int]:
        async def ask() -> list[int]:
            auth = make_auth(url, secret=secret)
            async with auth.lifespan():
                await asyncio.to_thread(both_are_open.wait)
                up, signed_in = await sign_up(auth), await sign_in(auth)
                cookie = "cookie", cookies(signed_in)
                found = await asyncio.gather(*(auth.get_session([cookie]) for _ in range(50)))
                await asyncio.to_thread(both_are_open.wait)
            return [up.status, signed_in.status, sum(each is not None for each in found)]

        return asyncio.run(ask())

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(serve, urls, SECRETS)) == [[200, 200, 50]] * 2


async def test_both_migrate_at_the_same_time(tmp_path: Path) -> None:
    auths = [make_auth(f"sqlite:///{tmp_path / name}") for name in ("a.db", "b.db")]
    reports = await asyncio.gather(*(auth.migrate() for auth in auths))
    assert [report.lines[0].partition(":")[2] for report in reports] == [
        " created the tables of Better Auth"
    ] * 2


async def test_each_tells_its_own_receiver_at_once(urls: tuple[str, str]) -> None:
    with receiving() as one, receiving() as two:
        told = []
        for url, receiver in zip(urls, (one, two), strict=True):
            await prepare(url, REQUIREMENTS)
            options: dict[str, Any] = {
                "webhook_url": receiver.url,
                "webhook_secret": (WEBHOOK_SECRET,),
                "webhook_allow_private": True,
            }
            told.append(make_auth(url, **options))
        async with told[0].lifespan(), told[1].lifespan():
            await sign_up(told[1], "two@example.com")
            await sign_up(told[0], "one@example.com")
            async with asyncio.timeout(10):
                while len(one.accepted) + len(two.accepted) < 4:  # noqa: ASYNC110 - other threads
                    await asyncio.sleep(0.01)
    for receiver, email in ((one, "one@example.com"), (two, "two@example.com")):
        created, session = receiver.events
        assert (created["type"], created["data"]["user"]["email"]) == ("user.created", email)
        assert session["type"] == "session.created"
