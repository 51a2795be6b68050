"""What is left of a deleted user where sessions are in Redis."""

import asyncio
from datetime import datetime

import pytest
from redis.asyncio import Redis

from app.auth.email_verification.link_tokens import LinkClaims
from app.auth.email_verification.verified_addresses import VerifiedAddresses
from app.auth.passwords.hashing import Passwords
from app.auth.passwords.password_accounts import KnownUser
from app.models.records import User
from app.settings.options import DeleteUserOptions, SessionOptions, UserOptions
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.auth.email_verification.linking import ANYBODY, SIGNS_IN, prove
from tests.support.asgi import Answer
from tests.support.service import EMAIL, PASSWORD, Service, bearer, browser, serve
from tests.support.tables import sessions

pytestmark = pytest.mark.anyio

OPTIONS = UserOptions(delete_user=DeleteUserOptions(enabled=True))
POLICIES = [
    SessionOptions(),
    SessionOptions(store_session_in_database=True),
    SessionOptions(store_session_in_database=True, preserve_session_in_database=True),
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
    """All but the mark that ends whatever would come back."""
    async with Redis.from_url(url) as client:
        found = [str(key) for key in await client.keys("*")]
    return [key for key in found if "revoked-sessions-before-" not in key]


@pytest.mark.parametrize("policy", POLICIES, ids=["redis", "both", "preserved"])
async def test_sessions_end_with_their_user_ghsa_2vg6_77g8_24mp(
    database: Database, storage: RedisStorage, redis_url: str, policy: SessionOptions
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


@pytest.mark.parametrize("in_redis", [False, True])
async def test_user_deleted_while_a_sign_in_hashes_leaves_no_session(
    database: Database,
    storage: RedisStorage,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    in_redis: bool,
) -> None:
    service = await serve(database, storage=storage if in_redis else None, user=OPTIONS)
    ada = browser(await service.sign_up())
    matches = Passwords.verify

    async def delete_after(pool: Passwords, password: str, stored: str | None) -> bool:
        matching = await matches(pool, password, stored)
        assert (await service.post("/delete-user", {}, ada)).status == 200
        return matching

    monkeypatch.setattr(Passwords, "verify", delete_after)
    assert (await service.sign_in()).status == 401
    assert await keys(redis_url) == []
    assert await service.rows(sessions) == []


async def test_user_deleted_while_a_mailed_link_signs_in_leaves_no_session(
    database: Database,
    storage: RedisStorage,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = await serve(database, storage=storage, user=OPTIONS, email_verification=SIGNS_IN)
    ada = browser(await service.sign_up())
    verify = VerifiedAddresses.verify

    async def delete_after(
        proven: VerifiedAddresses, known: KnownUser, choice: str | None, now: datetime
    ) -> User:
        verified = await verify(proven, known, choice, now)
        assert (await service.post("/delete-user", {}, ada)).status == 200
        return verified

    monkeypatch.setattr(VerifiedAddresses, "verify", delete_after)
    answer = await prove(service, LinkClaims(ANYBODY, EMAIL))
    assert (answer.status, answer.json()["code"]) == (401, "USER_NOT_FOUND")
    assert await keys(redis_url) == []
