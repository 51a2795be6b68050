"""`revoked-sessions-before-<user id>`: what it ends, and when it is written."""

import pytest
from redis.asyncio import Redis

from app.auth.sessions.revocations import Revocations, is_revoked, make_key
from app.models.clock import from_iso
from app.models.clock import now as clock
from app.models.errors import StoreUnavailable
from app.settings.options import (
    DeleteUserOptions,
    EmailAndPasswordOptions,
    SessionOptions,
    UserOptions,
)
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.asgi import Answer
from tests.support.service import PASSWORD, Service, browser, serve

pytestmark = pytest.mark.anyio

WEEK, DAY = 7 * 24 * 3600, 24 * 3600
MOMENT = "2026-11-21T12:00:00.500Z"
AT = round(from_iso(MOMENT).timestamp() * 1000)


@pytest.fixture
async def service(sqlite_database: Database, storage: RedisStorage) -> Service:
    deletes = UserOptions(delete_user=DeleteUserOptions(enabled=True))
    return await serve(sqlite_database, storage=storage, user=deletes)


def milliseconds() -> int:
    return round(clock().timestamp() * 1000)


def mark_of(answer: Answer) -> str:
    """Its key."""
    return make_key(answer.json()["user"]["id"])


async def is_signed_in(service: Service, answer: Answer) -> bool:
    return (await service.get("/get-session", browser(answer))).json() is not None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/revoke-sessions", {}),
        ("/delete-user", {}),
        (
            "/change-password",
            {
                "currentPassword": PASSWORD,
                "newPassword": "another horse",
                "revokeOtherSessions": True,
            },
        ),
    ],
)
async def test_mark_is_written_where_all_sessions_end(
    service: Service, storage: RedisStorage, redis_url: str, path: str, body: dict[str, object]
) -> None:
    up = await service.sign_up()
    before = milliseconds()
    assert (await service.post(path, body, browser(up))).status == 200
    assert before <= int(await storage.get(mark_of(up)) or "") <= milliseconds()
    async with Redis.from_url(redis_url) as client:
        assert WEEK - 5 <= await client.ttl(mark_of(up)) <= WEEK


@pytest.mark.parametrize("path", ["/sign-out", "/revoke-other-sessions"])
async def test_no_mark_is_written_where_some_go_on(
    service: Service, storage: RedisStorage, path: str
) -> None:
    up = await service.sign_up()
    await service.post(path, {}, browser(up))
    assert await storage.get(mark_of(up)) is None


async def test_session_that_comes_back_is_none(service: Service, storage: RedisStorage) -> None:
    """Another server may write an entry that it read before, or one that no list has."""
    up = await service.sign_up()
    token, user_id = up.json()["token"], up.json()["user"]["id"]
    entry = await storage.get(token) or ""
    listed = await storage.get(f"active-sessions-{user_id}") or ""
    await service.post("/revoke-sessions", {}, browser(up))
    later = await service.sign_in()
    await storage.set(token, entry, 60)
    assert not await is_signed_in(service, up)
    assert await is_signed_in(service, later)
    again = await storage.get(f"active-sessions-{user_id}") or ""
    await storage.set(f"active-sessions-{user_id}", f"{listed[:-1]},{again[1:]}", 60)
    found = (await service.get("/list-sessions", browser(later))).json()
    assert [one["token"] for one in found] == [later.json()["token"]]


async def test_new_session_of_a_changed_password_goes_on(service: Service) -> None:
    up = await service.sign_up()
    body = {"currentPassword": PASSWORD, "newPassword": "another horse"}
    changed = await service.post(
        "/change-password", {**body, "revokeOtherSessions": True}, browser(up)
    )
    assert await is_signed_in(service, changed)
    assert not await is_signed_in(service, up)


async def test_reset_that_ends_sessions_writes_the_mark(
    sqlite_database: Database, storage: RedisStorage
) -> None:
    ends = EmailAndPasswordOptions(revoke_sessions_on_password_reset=True)
    service = await serve(sqlite_database, storage=storage, email_and_password=ends)
    up = await service.sign_up()
    moment, row = "2099-01-01T00:00:00.000Z", f'{{"value":"{up.json()["user"]["id"]}"'
    await storage.set("verification:reset-password:abc", f'{row},"expiresAt":"{moment}"}}', 60)
    body = {"token": "abc", "newPassword": "another horse"}
    assert (await service.post("/reset-password", body)).status == 200
    assert await storage.get(mark_of(up)) is not None


async def test_mark_of_another_server_counts(service: Service, storage: RedisStorage) -> None:
    up = await service.sign_up()
    assert await is_signed_in(service, up)
    await storage.set(mark_of(up), str(milliseconds() + 1), 60)
    assert not await is_signed_in(service, up)
    assert (await service.get("/token", browser(up))).status == 401


async def test_session_is_asked_for_in_one_question_once_its_owner_is_known(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    up = await service.sign_up()
    for _ in range(2):  # what is asked for once is not kept
        assert await is_signed_in(service, up)
    asked = []
    real = RedisStorage.get_many

    async def count(storage: RedisStorage, *keys: str) -> object:
        asked.append(keys)
        return await real(storage, *keys)

    async def away(*_: object) -> str:
        raise StoreUnavailable

    monkeypatch.setattr(RedisStorage, "get_many", count)
    monkeypatch.setattr(RedisStorage, "get", away)
    assert await is_signed_in(service, up)
    assert asked == [(up.json()["token"], mark_of(up))]


async def test_token_that_gets_another_owner_is_asked_for_anew(
    service: Service, storage: RedisStorage
) -> None:
    up, other = await service.sign_up(), await service.sign_up("other@example.com")
    assert await is_signed_in(service, up)
    token, user_id = up.json()["token"], other.json()["user"]["id"]
    entry = await storage.get(token) or ""
    await storage.set(token, entry.replace(up.json()["user"]["id"], user_id), 60)
    assert await is_signed_in(service, up)
    await storage.set(mark_of(other), str(milliseconds() + 1), 60)
    assert not await is_signed_in(service, up)


async def test_later_mark_stays(storage: RedisStorage) -> None:
    late = str(milliseconds() + 60_000)
    await storage.set(make_key("ada"), late, 60)
    await Revocations(storage, WEEK).mark("ada")
    assert await storage.get(make_key("ada")) == late


async def test_mark_lives_as_long_as_any_session(storage: RedisStorage, redis_url: str) -> None:
    await Revocations(storage, 60).mark("ada")
    async with Redis.from_url(redis_url) as client:
        assert DAY - 5 <= await client.ttl(make_key("ada")) <= DAY


async def test_mark_that_can_never_be_written_is_told(
    storage: RedisStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> bool:
        return False

    monkeypatch.setattr(RedisStorage, "swap", refuse)
    with pytest.raises(StoreUnavailable):
        await Revocations(storage, WEEK).mark("ada")


@pytest.mark.parametrize(
    ("mark", "created_at", "revoked"),
    [
        (None, MOMENT, False),
        (str(AT), MOMENT, False),
        (str(AT + 1), MOMENT, True),
        ("", MOMENT, False),
        ("soon", MOMENT, False),
        ("-5", MOMENT, False),
        ("9" * 40, MOMENT, False),
        (str(AT), "no moment", True),
        (str(AT), None, True),
        (None, "no moment", False),
    ],
)
def test_session_that_began_before_the_mark_is_over(
    mark: str | None, created_at: object, *, revoked: bool
) -> None:
    assert is_revoked(mark, created_at) is revoked


async def test_session_in_both_is_over_with_the_mark(
    sqlite_database: Database, storage: RedisStorage
) -> None:
    policy = SessionOptions(store_session_in_database=True)
    service = await serve(sqlite_database, storage=storage, session=policy)
    up = await service.sign_up()
    entry = await storage.get(up.json()["token"]) or ""
    await service.post("/revoke-sessions", {}, browser(up))
    await storage.set(up.json()["token"], entry, 60)
    assert not await is_signed_in(service, up)
