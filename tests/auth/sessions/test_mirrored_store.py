"""Sessions in Redis and in the database, over HTTP: `session.storeSessionInDatabase`."""

import json
from typing import Any, NoReturn

import pytest
from redis.asyncio import Redis

from app.auth.sessions.database_store import DatabaseSessions
from app.models.errors import StoreUnavailable
from app.settings.options import SessionOptions
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.asgi import Answer
from tests.support.service import Service, browser, serve
from tests.support.tables import sessions

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

WIRE_ORDER = [
    "expiresAt",
    "token",
    "createdAt",
    "updatedAt",
    "ipAddress",
    "userAgent",
    "userId",
    "id",
]


@pytest.fixture
async def mirrored(database: Database, storage: RedisStorage) -> Service:
    policy = SessionOptions(store_session_in_database=True, update_age=0)
    return await serve(database, storage=storage, session=policy)


@pytest.fixture
async def preserved(database: Database, storage: RedisStorage) -> Service:
    policy = SessionOptions(
        store_session_in_database=True, preserve_session_in_database=True, update_age=0
    )
    return await serve(database, storage=storage, session=policy)


async def lose_everything(url: str) -> None:
    async with Redis.from_url(url) as client:
        await client.flushdb()


async def keys_at(url: str) -> set[bytes | str]:
    async with Redis.from_url(url) as client:
        return set(await client.keys())


async def session_of(service: Service, answer: Answer) -> Any:
    found = (await service.get("/get-session", browser(answer))).json()
    return found and found["session"]


async def test_both_hold_the_same_in_the_order_of_the_database(
    mirrored: Service, storage: RedisStorage
) -> None:
    up = await mirrored.sign_up()
    entry = json.loads(await storage.get(up.json()["token"]) or "")
    assert list(entry["session"]) == WIRE_ORDER
    (row,) = await mirrored.rows(sessions)
    assert {key: entry["session"][key] for key in row} == row


async def test_renewal_is_in_both(mirrored: Service, storage: RedisStorage) -> None:
    up = await mirrored.sign_up()
    renewed = await session_of(mirrored, up)
    (row,) = await mirrored.rows(sessions)
    entry = json.loads(await storage.get(up.json()["token"]) or "")
    assert renewed["expiresAt"] == row["expiresAt"] == entry["session"]["expiresAt"]


async def test_changed_user_is_in_the_session_of_redis(
    mirrored: Service, storage: RedisStorage
) -> None:
    up = await mirrored.sign_up()
    changed = await mirrored.post("/update-user", {"name": "Ada King"}, browser(up))
    assert changed.status == 200
    entry = json.loads(await storage.get(up.json()["token"]) or "")
    assert entry["user"]["name"] == "Ada King"


async def test_session_that_the_database_does_not_take_is_not_in_redis(
    mirrored: Service, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mirrored.sign_up()
    before = await keys_at(redis_url)

    def fail(*_: object) -> NoReturn:
        raise StoreUnavailable

    monkeypatch.setattr(DatabaseSessions, "list_rows", fail)
    assert (await mirrored.sign_in()).status == 503
    assert await keys_at(redis_url) == before


async def test_database_stands_in_for_what_redis_has_lost(
    mirrored: Service, redis_url: str
) -> None:
    up = await mirrored.sign_up()
    await lose_everything(redis_url)
    assert (await session_of(mirrored, up))["token"] == up.json()["token"]
    (listed,) = (await mirrored.get("/list-sessions", browser(up))).json()
    assert listed["token"] == up.json()["token"]


@pytest.mark.parametrize("path", ["/sign-out", "/revoke-sessions"])
async def test_ended_session_is_ended_in_both_whatever_redis_has_lost(
    mirrored: Service, redis_url: str, path: str
) -> None:
    up = await mirrored.sign_up()
    await lose_everything(redis_url)
    await mirrored.post(path, {}, browser(up))
    assert await session_of(mirrored, up) is None
    assert await mirrored.rows(sessions) == []


async def test_revoked_session_is_in_neither(mirrored: Service, storage: RedisStorage) -> None:
    first, second = await mirrored.sign_up(), await mirrored.sign_in()
    await mirrored.post("/revoke-session", {"token": second.json()["token"]}, browser(first))
    assert await storage.get(second.json()["token"]) is None
    assert [row["token"] for row in await mirrored.rows(sessions)] == [first.json()["token"]]


async def test_session_of_another_user_is_revoked_in_neither(mirrored: Service) -> None:
    ada, eve = await mirrored.sign_up(), await mirrored.sign_up("eve@example.com")
    await mirrored.post("/revoke-session", {"token": ada.json()["token"]}, browser(eve))
    assert len(await mirrored.rows(sessions)) == 2
    assert await session_of(mirrored, ada)


@pytest.mark.parametrize("path", ["/sign-out", "/revoke-sessions", "/revoke-session"])
async def test_preserved_row_expires_when_its_session_is_ended(
    preserved: Service, path: str
) -> None:
    up = await preserved.sign_up()
    await preserved.post(path, {"token": up.json()["token"]}, browser(up))
    (row,) = await preserved.rows(sessions)
    assert row["token"] == up.json()["token"]
    assert row["expiresAt"] == row["updatedAt"] > row["createdAt"]


@pytest.mark.engines("sqlite", "postgres")
async def test_preserved_row_keeps_the_moment_of_its_end(preserved: Service) -> None:
    up = await preserved.sign_up()
    await preserved.post("/sign-out", {}, browser(up))
    before = await preserved.rows(sessions)
    again = await preserved.sign_in()
    await preserved.post("/revoke-sessions", {}, browser(again))
    rows = {row["token"]: row for row in await preserved.rows(sessions)}
    assert rows[up.json()["token"]] == before[0]
    assert len(rows) == 2


@pytest.mark.engines("sqlite", "postgres")
async def test_revoked_session_is_never_restored_from_its_preserved_row_pr_8708(
    preserved: Service, redis_url: str
) -> None:
    """Better Auth PR 8708: with the fallback, a preserved row brought back a revoked session."""
    first, second = await preserved.sign_up(), await preserved.sign_in()
    await preserved.post("/revoke-session", {"token": second.json()["token"]}, browser(first))
    await preserved.alter(sessions, expiresAt="2126-11-21T00:00:00.000Z")
    assert await session_of(preserved, second) is None
    await lose_everything(redis_url)
    assert await session_of(preserved, first) is None
    assert (await preserved.get("/token", browser(first))).status == 401
