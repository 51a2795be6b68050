"""`throttle …`: who is locked out by wrong passwords is found, and let in again."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.schema.migrate import migrate
from app.schema.requirements import Requirements
from app.settings.options import RateLimitOptions
from app.storage.redis import RedisStorage
from app.web.rate_rule import FAILURES
from tests.commands.operators.at_work import Operator, working
from tests.support.service import EMAIL, PASSWORD, Service

pytestmark = pytest.mark.anyio

BOB = "bob@example.com"
IN_DATABASE = RateLimitOptions(enabled=True, max=1000, window=1, storage="database")
IN_REDIS = RateLimitOptions(enabled=True, max=1000, window=1, storage="secondary-storage")
_ON = {"BETTER_AUTH_RATE_LIMIT_ENABLED": "true"}


@pytest.fixture(params=["database", "redis"])
async def at_work(
    request: pytest.FixtureRequest, database_url: str, redis_url: str, tmp_path: Path
) -> AsyncIterator[tuple[Service, Operator]]:
    if request.param == "database":
        given = {**_ON, "BETTER_AUTH_RATE_LIMIT_STORAGE": "database"}
        await migrate(database_url, Requirements(rate_limits=True))
        async with working(database_url, tmp_path, given, rate_limit=IN_DATABASE) as made:
            yield made
        return
    given = {**_ON, "REDIS_URL": redis_url, "REDIS_KEY_PREFIX": "none"}
    storage = RedisStorage.open(redis_url)
    options = {"storage": storage, "rate_limit": IN_REDIS}
    async with working(database_url, tmp_path, given, **options) as made:
        yield made
    await storage.close()


async def lock_out(service: Service, email: str) -> None:
    """From a client that nobody knows."""
    body = {"email": email, "password": "wrong password"}
    for number in range(FAILURES.max):
        peer = f"198.51.100.{number}"
        assert (await service.post("/sign-in/email", body, peer=peer)).status == 401


async def sign_in(service: Service, email: str, client: int) -> int:
    body = {"email": email, "password": PASSWORD}
    return (await service.post("/sign-in/email", body, peer=f"203.0.113.{client}")).status


async def test_person_is_found_and_let_in_again(at_work: tuple[Service, Operator]) -> None:
    service, operator = at_work
    await service.sign_up()
    await service.sign_up(BOB)
    nobody = await operator.run("throttle", "list")
    assert (nobody.returncode, nobody.stdout, nobody.stderr) == (0, "", "Nobody is locked out.\n")
    for email in (EMAIL, BOB, "nobody@example.com"):
        await lock_out(service, email)
    assert await sign_in(service, EMAIL, 1) == 429
    done = await operator.run("throttle", "list", "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(each["email"] for each in found) == [EMAIL, BOB]
    assert all(0 < each["seconds"] <= FAILURES.window for each in found)
    assert done.stderr.startswith("1 more: ")
    assert len(await operator.list("throttle", "list", "--email", EMAIL)) == 1
    shown = await operator.find("users", "show", "--email", EMAIL)
    assert shown["lockedOutSeconds"] > 0
    await operator.tell("throttle", "clear", "--email", EMAIL)
    assert await sign_in(service, EMAIL, 2) == 200
    assert await sign_in(service, BOB, 5) == 429
    assert await operator.tell("throttle", "clear", "--all") == "2 lockouts are cleared\n"
    assert await sign_in(service, BOB, 6) == 200


async def test_counters_in_memory_are_told_in_one_line(sqlite_url: str, tmp_path: Path) -> None:
    async with working(sqlite_url, tmp_path, _ON) as (service, operator):
        await service.sign_up()
        for words in (("list",), ("list", "--email", EMAIL), ("clear", "--all")):
            done = await operator.run("throttle", *words)
            assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
            assert "REDIS_URL" in done.stderr


async def test_limit_that_is_off_is_told(sqlite_url: str, tmp_path: Path) -> None:
    given = {"BETTER_AUTH_RATE_LIMIT_ENABLED": "false"}
    async with working(sqlite_url, tmp_path, given) as (_, operator):
        done = await operator.run("throttle", "list")
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "BETTER_AUTH_RATE_LIMIT_ENABLED" in done.stderr
