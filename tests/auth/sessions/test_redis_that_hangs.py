"""Redis is stopped, not gone: its connections stay open, and nobody answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import insert

from app.models.clock import now, to_iso
from app.settings.options import (
    DeleteUserOptions,
    EmailAndPasswordOptions,
    RateLimitOptions,
    UserOptions,
)
from app.storage.database import Database
from app.storage.redis import RedisStorage
from app.storage.redis_pool import COMMAND_SECONDS, CONNECT_SECONDS
from tests.support.asgi import Answer
from tests.support.redis import RedisServer
from tests.support.service import EMAIL, PASSWORD, Service, browser, serve
from tests.support.smtp import Outgoing
from tests.support.tables import verifications

pytestmark = pytest.mark.anyio

NEW = "another-password"
PATIENCE = CONNECT_SECONDS + COMMAND_SECONDS  # what docs/redis.md says
Ask = Callable[[], Coroutine[Any, Any, Answer]]


@pytest.fixture
async def storage(stoppable_redis: RedisServer) -> AsyncIterator[RedisStorage]:
    opened = RedisStorage.open(stoppable_redis.url)
    yield opened
    await opened.close()


async def write(database: Database) -> float:
    """Seconds that somebody else's write takes."""
    begun, moment = time.monotonic(), to_iso(now())
    row = dict.fromkeys(("expiresAt", "createdAt", "updatedAt"), moment)
    async with database.begin() as tx:
        name = f"{begun}"
        await tx.execute(insert(verifications).values(id=name, identifier=name, value="", **row))
    return time.monotonic() - begun


async def asked(service: Service, outgoing: Outgoing, redis: RedisServer) -> list[Ask]:
    """What writes a session, or ends some, as soon as it is called."""
    ada, eve = browser(await service.sign_up()), browser(await service.sign_up("eve@example.com"))
    await service.post("/request-password-reset", {"email": EMAIL})
    token = outgoing.link().rpartition("/")[2].partition("?")[0]
    change = {"currentPassword": PASSWORD, "newPassword": NEW, "revokeOtherSessions": True}
    redis.pause()
    return [
        service.sign_in,
        lambda: service.sign_up("mary@example.com"),
        lambda: service.post("/change-password", change, ada),
        lambda: service.post("/delete-user", {"password": PASSWORD}, eve),
        lambda: service.post("/reset-password", {"newPassword": NEW, "token": token}),
    ]


@pytest.mark.parametrize("counted", [False, True])
async def test_nobody_waits_for_redis_while_holding_the_writer(
    sqlite_database: Database, storage: RedisStorage, stoppable_redis: RedisServer, *, counted: bool
) -> None:
    outgoing = Outgoing()
    service = await serve(
        sqlite_database,
        mailer=outgoing,
        storage=storage,
        email_and_password=EmailAndPasswordOptions(revoke_sessions_on_password_reset=True),
        user=UserOptions(delete_user=DeleteUserOptions(enabled=True)),
        rate_limit=RateLimitOptions(enabled=counted, storage="secondary-storage", max=1000),
    )
    asks = await asked(service, outgoing, stoppable_redis)
    begun = time.monotonic()
    answers = asyncio.gather(*(ask() for ask in asks))
    waits = []
    while not answers.done():
        waits.append(await write(sqlite_database))
        await asyncio.sleep(0.05)
    assert {answer.status for answer in await answers} == {503}
    assert time.monotonic() - begun < PATIENCE + 2  # and their hashes
    assert max(waits) < COMMAND_SECONDS / 2


async def test_flows_that_met_it_can_be_tried_again(
    sqlite_database: Database, storage: RedisStorage, stoppable_redis: RedisServer
) -> None:
    outgoing = Outgoing()
    service = await serve(
        sqlite_database,
        mailer=outgoing,
        storage=storage,
        email_and_password=EmailAndPasswordOptions(revoke_sessions_on_password_reset=True),
        user=UserOptions(delete_user=DeleteUserOptions(enabled=True)),
    )
    asks = await asked(service, outgoing, stoppable_redis)
    await asyncio.gather(*(ask() for ask in asks))
    stoppable_redis.go_on()
    assert [(await ask()).status for ask in (asks[0], asks[1], asks[3], asks[4])] == [200] * 4
