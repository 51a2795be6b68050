"""A token of a mailed link, when many use it at once, and what it does to those under way."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import select, text

from app.auth.passwords.hashing import Passwords
from app.settings.options import VerificationOptions
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.asgi import Answer
from tests.support.service import EMAIL, PASSWORD, Service, browser, serve
from tests.support.smtp import Outgoing
from tests.support.tables import sessions, users
from tests.system.js_client.service import running

pytestmark = pytest.mark.anyio

USES = 20
NEW = "a new password"
WAITING = text(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def mailed(service: Service, outgoing: Outgoing) -> str:
    """The token of a new link."""
    await service.post("/request-password-reset", {"email": EMAIL})
    return urlsplit(outgoing.link()).path.rpartition("/")[2]


async def reset(service: Service, token: str, password: str = NEW) -> Answer:
    return await service.post("/reset-password", {"newPassword": password, "token": token})


async def test_one_of_many_uses_in_two_processes_succeeds(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """PR #9993."""
    outgoing = Outgoing()
    service = await serve(database, mailer=outgoing)
    await service.sign_up()
    token = await mailed(service, outgoing)
    with ExitStack() as stack, ThreadPoolExecutor(USES) as pool:
        urls = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            urls.append(stack.enter_context(running(database_url, tmp_path / name)).url)
        uses = [(urls[n % 2], token, f"password {n:02}") for n in range(USES)]
        statuses = list(pool.map(_reset_over_http, uses))
    assert sorted(statuses) == [200] + [400] * (USES - 1)
    assert (await service.sign_in(password=uses[statuses.index(200)][2])).status == 200


@pytest.mark.parametrize("in_database", [False, True])
async def test_one_of_many_uses_succeeds_where_tokens_are_in_redis(
    database: Database, storage: RedisStorage, *, in_database: bool
) -> None:
    """PR #9993."""
    outgoing, policy = Outgoing(), VerificationOptions(store_in_database=in_database)
    service = await serve(database, mailer=outgoing, storage=storage, verification=policy)
    await service.sign_up()
    token = await mailed(service, outgoing)
    passwords = [f"password {n:02}" for n in range(USES)]
    answers = await asyncio.gather(*(reset(service, token, each) for each in passwords))
    statuses = [answer.status for answer in answers]
    assert sorted(statuses) == [200] + [400] * (USES - 1)
    assert (await service.sign_in(password=passwords[statuses.index(200)])).status == 200


async def test_reset_while_a_sign_in_hashes_refuses_that_sign_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    outgoing = Outgoing()
    service = await serve(database, mailer=outgoing)
    await service.sign_up()
    token = await mailed(service, outgoing)
    matches = Passwords.verify

    async def reset_after(pool: Passwords, password: str, stored: str | None) -> bool:
        matching = await matches(pool, password, stored)
        assert (await reset(service, token)).status == 200
        return matching

    monkeypatch.setattr(Passwords, "verify", reset_after)
    answer = await service.sign_in()
    assert (answer.status, answer.json()["code"]) == (401, "INVALID_EMAIL_OR_PASSWORD")
    assert len(await service.rows(sessions)) == 1


async def test_reset_while_a_change_hashes_refuses_that_change(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    outgoing = Outgoing()
    service = await serve(database, mailer=outgoing)
    ada = browser(await service.sign_up())
    token = await mailed(service, outgoing)
    hashed = Passwords.hash

    async def reset_first(pool: Passwords, password: str, path: str) -> str:
        monkeypatch.setattr(Passwords, "hash", hashed)
        assert (await reset(service, token)).status == 200
        return await hashed(pool, password, path)

    monkeypatch.setattr(Passwords, "hash", reset_first)
    both = {"currentPassword": PASSWORD, "newPassword": "what the thief wants"}
    assert (await service.post("/change-password", both, ada)).status == 401
    assert (await service.sign_in(password=NEW)).status == 200


async def test_reset_and_sign_in_never_wait_for_each_other(postgres_database: Database) -> None:
    """A sign-in holds the account when it comes to need the user, who is held meanwhile."""
    outgoing = Outgoing()
    service = await serve(postgres_database, mailer=outgoing)
    await service.sign_up()
    token = await mailed(service, outgoing)
    async with postgres_database.begin() as tx:
        await tx.execute(select(users.c.id).with_for_update())
        signing_in = asyncio.create_task(service.sign_in())
        await _wait_for_waiting(postgres_database, 1)
        resetting = asyncio.create_task(reset(service, token))
        await _wait_for_waiting(postgres_database, 2)
    assert (await signing_in).status == 200
    assert (await resetting).status == 200


async def _wait_for_waiting(database: Database, count: int) -> None:
    """Until so many transactions wait for another."""
    while len(await database.read_all(WAITING)) < count:  # noqa: ASYNC110 - of the server
        await asyncio.sleep(0.01)


def _reset_over_http(use: tuple[str, str, str]) -> int:
    url, token, password = use
    body = json.dumps({"newPassword": password, "token": token}).encode()
    request = Request(  # noqa: S310  # of this machine
        f"{url}/api/auth/reset-password", body, {"Content-Type": "application/json"}
    )
    try:
        with urlopen(request) as answer:  # noqa: S310  # the same
            return int(answer.status)
    except HTTPError as refused:
        return refused.code
