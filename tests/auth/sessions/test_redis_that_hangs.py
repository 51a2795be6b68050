"""Redis is stopped, not gone: its connections stay open, and nobody answers."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from sqlalchemy import insert

from app.models.clock import now, to_iso
from app.settings.options import (
    DeleteUserOptions,
    EmailAndPasswordOptions,
    RateLimitOptions,
    UserOptions,
)
from app.storage import redis_pool
from app.storage.database import Database, open_database
from app.storage.redis import RedisStorage
from app.storage.redis_pool import COMMAND_SECONDS, CONNECT_SECONDS
from tests.support import reused_litestar
from tests.support.asgi import Answer
from tests.support.redis import RedisServer
from tests.support.service import EMAIL, PASSWORD, browser, serve
from tests.support.smtp import Outgoing
from tests.support.tables import verifications

pytestmark = pytest.mark.anyio

NEW = "another-password"
PATIENCE = CONNECT_SECONDS + COMMAND_SECONDS  # what docs/redis.md says
Ask = Callable[[], Coroutine[Any, Any, Answer]]


class Waits(Struct, frozen=True):
    """Of answers, and in seconds: until the last of them, and until the slowest write."""

    statuses: set[int]
    answers: float
    writes: float


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is given up soon."""
    monkeypatch.setattr(redis_pool, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(redis_pool, "COMMAND_SECONDS", 0.3)


@pytest.fixture
async def storage(stoppable_redis: RedisServer) -> AsyncIterator[RedisStorage]:
    opened = RedisStorage.open(stoppable_redis.url)
    yield opened
    await opened.close()


@pytest.fixture
async def other_database(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "other.db")
    opened = await open_database(f"sqlite:///{tmp_path / 'other.db'}")
    yield opened
    await opened.close()
    reused_litestar.release(opened)


async def write(database: Database) -> float:
    """Seconds that somebody else's write takes."""
    begun, moment = time.monotonic(), to_iso(now())
    row = dict.fromkeys(("expiresAt", "createdAt", "updatedAt"), moment)
    async with database.begin() as tx:
        name = f"{begun}"
        await tx.execute(insert(verifications).values(id=name, identifier=name, value="", **row))
    return time.monotonic() - begun


async def prepared(database: Database, storage: RedisStorage, *, counted: bool) -> list[Ask]:
    """What writes a session of a service, or ends some, as soon as it is called."""
    outgoing = Outgoing()
    service = await serve(
        database,
        mailer=outgoing,
        storage=storage,
        email_and_password=EmailAndPasswordOptions(revoke_sessions_on_password_reset=True),
        user=UserOptions(delete_user=DeleteUserOptions(enabled=True)),
        rate_limit=RateLimitOptions(enabled=counted, storage="secondary-storage", max=1000),
    )
    ada, eve = browser(await service.sign_up()), browser(await service.sign_up("eve@example.com"))
    await service.post("/request-password-reset", {"email": EMAIL})
    token = outgoing.link().rpartition("/")[2].partition("?")[0]
    change = {"currentPassword": PASSWORD, "newPassword": NEW, "revokeOtherSessions": True}
    return [
        service.sign_in,
        lambda: service.sign_up("mary@example.com"),
        lambda: service.post("/change-password", change, ada),
        lambda: service.post("/delete-user", {"password": PASSWORD}, eve),
        lambda: service.post("/reset-password", {"newPassword": NEW, "token": token}),
    ]


async def ask_all(database: Database, asks: list[Ask]) -> Waits:
    """All at once, while somebody else writes."""
    begun = time.monotonic()
    answers = asyncio.gather(*(ask() for ask in asks))
    writes = []
    while not answers.done():
        writes.append(await write(database))
        await asyncio.sleep(0.05)
    statuses = {answer.status for answer in await answers}
    return Waits(statuses, time.monotonic() - begun, max(writes))


async def test_nobody_waits_for_redis_while_holding_the_writer(
    sqlite_database: Database,
    other_database: Database,
    storage: RedisStorage,
    stoppable_redis: RedisServer,
) -> None:
    """Of two services, one counts requests there, too: both wait at the same time."""
    asks = await prepared(sqlite_database, storage, counted=False)
    others = await prepared(other_database, storage, counted=True)
    stoppable_redis.pause()
    for waits in await asyncio.gather(
        ask_all(sqlite_database, asks), ask_all(other_database, others)
    ):
        assert waits.statuses == {503}
        assert waits.answers < PATIENCE + 2  # and their hashes
        assert waits.writes < COMMAND_SECONDS / 2


@pytest.mark.usefixtures("quick")
async def test_flows_that_met_it_can_be_tried_again(
    sqlite_database: Database, storage: RedisStorage, stoppable_redis: RedisServer
) -> None:
    asks = await prepared(sqlite_database, storage, counted=False)
    stoppable_redis.pause()
    answers = await asyncio.gather(*(ask() for ask in asks))
    assert {answer.status for answer in answers} == {503}
    stoppable_redis.go_on()
    assert [(await ask()).status for ask in (asks[0], asks[1], asks[3], asks[4])] == [200] * 4
