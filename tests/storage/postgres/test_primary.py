import asyncio
from collections.abc import Callable

import asyncpg
import pytest

from app.bridge.postgres_hosts import Connection
from app.models.errors import StoreUnavailable
from app.storage.postgres import primary
from app.storage.postgres.primary import PrimaryWatch

pytestmark = pytest.mark.anyio


class Server:
    """As much of a connection as the watch needs."""

    def __init__(self, server: str, answer: object = True) -> None:
        self.server, self.answer = server, answer
        self.is_open = True

    async def fetchval(self, _: str) -> object:
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is None:
            await asyncio.sleep(60)
        return self.answer

    def terminate(self) -> None:
        self.is_open = False


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(primary, "PAUSE", 0.01)
    monkeypatch.setattr(primary, "TIMEOUT", 0.05)


@pytest.mark.parametrize("answer", [None, False, asyncpg.ConnectionDoesNotExistError("gone")])
async def test_connections_are_closed_when_the_primary_is_elsewhere(answer: object) -> None:
    asked = [Server("a"), Server("b")]
    opened: list[Connection | Exception] = [asked[0], StoreUnavailable(), asked[1]]

    async def connect() -> Connection:
        found = opened.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    watch = PrimaryWatch(connect)
    old, new = Server("a"), Server("b")
    watch.add(old)
    await until(lambda: len(opened) == 2)
    watch.add(new)
    await asyncio.sleep(0.05)
    assert old.is_open
    asked[0].answer = answer
    await until(lambda: not old.is_open)
    assert new.is_open
    await watch.close()
    assert [each.is_open for each in asked] == [False, False]
