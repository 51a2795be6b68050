"""What is left of a deleted user where sessions are in Redis."""

import asyncio

import pytest
from redis.asyncio import Redis

from app.database import Database
from app.models import sessions
from app.options import DeleteUser, SessionPolicy, UserOptions
from app.redis_storage import RedisStorage
from tests.asgi import Answer
from tests.service import PASSWORD, Service, bearer, browser, serve

pytestmark = pytest.mark.anyio

OPTIONS = UserOptions(delete_user=DeleteUser(enabled=True))
POLICIES = [
    SessionPolicy(),
    SessionPolicy(store_session_in_database=True),
    SessionPolicy(store_session_in_database=True, preserve_session_in_database=True),
]


async def statuses(service: Service, answer: Answer) -> list[object]:
    """Of `/token` with the cookie and as a bearer, and what get-session says."""
    token = answer.json()["token"]
    return [
        (await service.get("/token", browser(answer))).status,
        (await service.get("/token", bearer(token))).status,
        (await service.get("/get-session", browser(answer))).json(),
    ]


async def keys(url: str) -> list[str]:
    async with Redis.from_url(url) as client:
        return [str(key) for key in await client.keys("*")]


@pytest.mark.parametrize("policy", POLICIES, ids=["redis", "both", "preserved"])
async def test_sessions_end_with_their_user_ghsa_2vg6_77g8_24mp(
    database: Database, storage: RedisStorage, redis_url: str, policy: SessionPolicy
) -> None:
    """GHSA-2vg6-77g8-24mp: a deleted user's sessions lived on in secondary storage."""
    service = await serve(database, storage=storage, user=OPTIONS, session=policy)
    answers = [await service.sign_up(), await service.sign_in(), await service.sign_in()]
    answer = await service.post("/delete-user", {"password": PASSWORD}, browser(answers[0]))
    assert answer.status == 200
    assert [await statuses(service, one) for one in answers] == [[401, 401, None]] * 3
    assert await keys(redis_url) == []
    assert await service.rows(sessions) == []


async def test_no_sign_in_outlives_the_user_who_is_deleted_at_the_same_time(
    database: Database, storage: RedisStorage, redis_url: str
) -> None:
    service = await serve(database, storage=storage, user=OPTIONS)
    ada = browser(await service.sign_up())
    deleted, *answers = await asyncio.gather(
        service.post("/delete-user", {"password": PASSWORD}, ada),
        *(service.sign_in() for _ in range(12)),
    )
    assert deleted.status == 200
    assert {answer.status for answer in answers} <= {200, 401}
    assert await keys(redis_url) == []
