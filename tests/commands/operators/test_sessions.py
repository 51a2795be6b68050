"""`sessions list` and `sessions revoke`, wherever sessions are stored; never with a token."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.settings.options import CookieCacheOptions, SessionOptions
from app.storage.redis import RedisStorage
from tests.commands.operators.at_work import Operator, working
from tests.support.asgi import Answer
from tests.support.service import EMAIL, PASSWORD, Service, browser, from_now
from tests.support.tables import sessions

pytestmark = pytest.mark.anyio

BOB = "bob@example.com"
STORES = ["database", "redis", "both"]


@pytest.fixture(params=STORES)
async def at_work(
    request: pytest.FixtureRequest, database_url: str, redis_url: str, tmp_path: Path
) -> AsyncIterator[tuple[Service, Operator]]:
    if request.param == "database":
        async with working(database_url, tmp_path) as made:
            yield made
        return
    given = {"REDIS_URL": redis_url, "REDIS_KEY_PREFIX": "none"}
    is_both = request.param == "both"
    given["BETTER_AUTH_SESSION_STORE_SESSION_IN_DATABASE"] = str(is_both).lower()
    options = SessionOptions(store_session_in_database=is_both)
    storage = RedisStorage.open(redis_url)
    async with working(database_url, tmp_path, given, storage=storage, session=options) as made:
        yield made
    await storage.close()


async def is_signed_in(service: Service, answer: Answer) -> bool:
    return (await service.get("/get-session", browser(answer))).json() is not None


async def test_sessions_are_listed_and_revoked(at_work: tuple[Service, Operator]) -> None:
    service, operator = at_work
    ada, bob = await service.sign_up(), await service.sign_up(BOB)
    again = await service.sign_in()
    everybody = await operator.list("sessions", "list")
    assert len(everybody) == 3
    text = await operator.tell("sessions", "list")
    for answer in (ada, bob, again):
        assert answer.json()["token"] not in text
    theirs = await operator.list("sessions", "list", "--email", EMAIL)
    assert {each["userId"] for each in theirs} == {ada.json()["user"]["id"]}
    one = theirs[0]["id"]
    assert await operator.list("sessions", "list", "--session", one) == [theirs[0]]
    assert await operator.tell("sessions", "revoke", "--session", one) == "1 session ended\n"
    assert await is_signed_in(service, ada) is not await is_signed_in(service, again)
    assert await operator.tell("sessions", "revoke", "--email", EMAIL) == "1 session ended\n"
    assert not await is_signed_in(service, ada)
    assert not await is_signed_in(service, again)
    assert await is_signed_in(service, bob)


async def test_everybody_is_signed_out_with_a_yes_alone(
    at_work: tuple[Service, Operator],
) -> None:
    service, operator = at_work
    ada, bob = await service.sign_up(), await service.sign_up(BOB)
    asked = await operator.run("sessions", "revoke", "--all")
    assert (asked.returncode, asked.stdout) == (0, "2 sessions would end\n")
    assert "--yes" in asked.stderr
    assert await is_signed_in(service, ada)
    assert await operator.tell("sessions", "revoke", "--all", "--yes") == "2 sessions ended\n"
    assert not await is_signed_in(service, ada)
    assert not await is_signed_in(service, bob)
    assert await operator.list("sessions", "list", "--all") == []


async def test_old_sessions_are_those_that_began_so_long_ago(
    database_url: str, tmp_path: Path
) -> None:
    async with working(database_url, tmp_path) as (service, operator):
        ada = await service.sign_up()
        await service.alter(sessions, createdAt=from_now(days=-40))
        bob = await service.sign_up(BOB)
        assert len(await operator.list("sessions", "list", "--older-than", "30d")) == 1
        to = ("sessions", "revoke", "--older-than", "30d")
        assert await operator.tell(*to) == "1 session would end\n"
        assert await operator.tell(*to, "--email", BOB) == "0 sessions ended\n"
        assert await operator.tell(*to, "--yes") == "1 session ended\n"
        assert not await is_signed_in(service, ada)
        assert await is_signed_in(service, bob)


async def test_expired_sessions_are_none(database_url: str, tmp_path: Path) -> None:
    async with working(database_url, tmp_path) as (service, operator):
        await service.sign_up()
        await service.alter(sessions, expiresAt=from_now(hours=-1))
        assert await operator.list("sessions", "list") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say whose sessions"),
        (("--older-than", "soon"), "such as 30d"),
        (("--older-than", "30"), "such as 30d"),
        (("--email", EMAIL, "--all"), "at most one"),
    ],
)
async def test_unclear_choice_is_one_line(
    sqlite_url: str, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    async with working(sqlite_url, tmp_path) as (_, operator):
        done = await operator.run("sessions", "revoke", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr.splitlines()[0]


async def test_more_than_a_page_is_listed_and_ended(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(sqlite_url, tmp_path) as (service, operator):
        await service.sign_up()
        row: dict[str, Any] = (await service.rows(sessions))[0]
        more = [{**row, "id": f"s{n:04}", "token": f"t{n:04}"} for n in range(1200)]
        async with service.database.begin() as tx:
            await tx.execute(sessions.insert(), more)
        assert len(await operator.list("sessions", "list", "--all")) == 1201
        listed = await operator.run("sessions", "list", "--limit", "700", "--json")
        assert len(listed.stdout.splitlines()) == 700
        assert "--all" in listed.stderr
        assert await operator.tell("sessions", "revoke", "--all", "--yes") == (
            "1,201 sessions ended\n"
        )
        assert await service.rows(sessions) == []


async def test_cookie_cache_is_told(sqlite_url: str, tmp_path: Path) -> None:
    options = SessionOptions(cookie_cache=CookieCacheOptions(enabled=True))
    given = {"BETTER_AUTH_SESSION_COOKIE_CACHE_ENABLED": "true"}
    async with working(sqlite_url, tmp_path, given, session=options) as (service, operator):
        await service.sign_up()
        done = await operator.run("sessions", "revoke", "--email", EMAIL)
        assert done.stdout == "1 session ended\n"
        assert "at most 300 seconds more" in done.stderr
        for words in (["set-password", "--password-stdin"], ["delete", "--yes"]):
            await service.sign_in()
            told = await operator.type(PASSWORD, "users", *words, "--email", EMAIL)
            assert "at most 300 seconds more" in told.stderr
