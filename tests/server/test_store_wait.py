import asyncio

import asyncpg
import pytest

from app.models.errors import StoreUnavailable
from app.server import store_wait
from app.server.store_wait import StoreWait, report_when_long

pytestmark = pytest.mark.anyio


def refusal(cause: Exception) -> StoreUnavailable:
    found = StoreUnavailable()
    found.__cause__ = cause
    return found


async def test_each_reason_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def pass_by(_seconds: float) -> None:
        pass

    monkeypatch.setattr(store_wait, "sleep", pass_by)
    said: list[str] = []
    waiting = StoreWait("PostgreSQL at h, database d", 9, said.append)
    refused = ConnectionRefusedError(111, "refused")
    for cause in (refused, refused, asyncpg.CannotConnectNowError("it is starting up"), refused):
        assert await waiting.can_go_on(refusal(cause))
    name = "PostgreSQL at h, database d cannot be reached"
    assert said == [
        f"{name}: [Errno 111] refused; waiting for it, 9 seconds at most",
        f"{name}: it is starting up; waiting for it, 9 seconds at most",
        f"{name}: [Errno 111] refused; waiting for it, 9 seconds at most",
    ]


async def test_wait_has_an_end() -> None:
    waiting = StoreWait("PostgreSQL at h, database d", 0, pytest.fail)
    assert not await waiting.can_go_on(refusal(ConnectionRefusedError(111, "refused")))


@pytest.mark.parametrize(
    "cause",
    [
        asyncpg.InvalidPasswordError("password authentication failed"),
        asyncpg.InvalidCatalogNameError("no such database"),
        ValueError("a bad parameter"),
    ],
)
async def test_what_stays_wrong_is_not_waited_for(cause: Exception) -> None:
    waiting = StoreWait("PostgreSQL at h, database d", 9, pytest.fail)
    assert not await waiting.can_go_on(refusal(cause))


async def test_long_look_says_what_it_does_and_a_short_one_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_wait, "LONG", 0.01)
    said: list[str] = []
    with report_when_long(said.append):
        pass
    await asyncio.sleep(0.05)
    assert said == []
    with report_when_long(said.append):
        await asyncio.sleep(0.05)
    (line,) = said
    assert line.startswith("reading the users and their accounts")
