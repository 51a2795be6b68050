"""Sessions in Redis only, over HTTP: what stands there, and what is answered."""

import asyncio
import json
from typing import Any

import pytest
from msgspec import structs
from redis.asyncio import Redis

from app.auth.audit.audit import NoAudit
from app.auth.hooks import Hooks
from app.auth.sessions.secondary_store import StorageSessions
from app.auth.users.users import Users
from app.models.clock import now as clock
from app.models.errors import StoreUnavailable
from app.models.mappers import make_mappers
from app.models.records import ADA
from app.settings.options import SessionOptions
from app.settings.settings import Settings
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.asgi import Answer
from tests.support.redis import RedisServer
from tests.support.service import Service, bearer, browser, from_now, serve
from tests.support.tables import TABLES, restrictions, sessions, users

pytestmark = pytest.mark.anyio

WEEK, DAY = 7 * 24 * 3600, 24 * 3600
STORED_ORDER = [
    "id",
    "ipAddress",
    "userAgent",
    "expiresAt",
    "userId",
    "token",
    "createdAt",
    "updatedAt",
]
USER_ORDER = ["name", "email", "emailVerified", "image", "createdAt", "updatedAt", "id"]


@pytest.fixture
async def service(sqlite_database: Database, storage: RedisStorage) -> Service:
    return await serve(sqlite_database, storage=storage)


async def stored(storage: RedisStorage, key: str) -> Any:
    return json.loads(await storage.get(key) or "null")


async def seconds_left(url: str, key: str) -> int:
    async with Redis.from_url(url) as client:
        return int(await client.ttl(key))


async def expire(storage: RedisStorage, token: str, expires_at: str) -> None:
    """As if its time had passed."""
    entry = await stored(storage, token)
    entry["session"]["expiresAt"] = expires_at
    await storage.set(token, json.dumps(entry), 60)


async def is_signed_in(service: Service, answer: Answer) -> bool:
    return (await service.get("/get-session", browser(answer))).json() is not None


async def test_session_and_user_stand_under_the_token_as_the_original_puts_them(
    service: Service, storage: RedisStorage, redis_url: str
) -> None:
    token = (await service.sign_up()).json()["token"]
    entry = await stored(storage, token)
    assert list(entry) == ["session", "user"]
    assert list(entry["session"]) == STORED_ORDER
    assert list(entry["user"]) == USER_ORDER
    assert entry["session"]["token"] == token
    assert entry["session"]["userId"] == entry["user"]["id"]
    assert entry["session"]["expiresAt"].endswith("Z")
    assert WEEK - 2 <= await seconds_left(redis_url, token) <= WEEK
    assert await service.rows(sessions) == []


async def test_list_has_the_earliest_expiry_first_and_lives_as_long_as_the_last(
    service: Service, storage: RedisStorage, redis_url: str
) -> None:
    up = (await service.sign_up()).json()
    short = (await service.sign_in(rememberMe=False)).json()["token"]
    key = f"active-sessions-{up['user']['id']}"
    listed = await stored(storage, key)
    assert [list(entry) for entry in listed] == [["token", "expiresAt"]] * 2
    assert [entry["token"] for entry in listed] == [short, up["token"]]
    assert listed[0]["expiresAt"] < listed[1]["expiresAt"]
    assert WEEK - 2 <= await seconds_left(redis_url, key) <= WEEK
    assert DAY - 2 <= await seconds_left(redis_url, short) <= DAY


async def test_session_is_answered_in_the_order_in_which_it_is_stored(service: Service) -> None:
    signed_up = await service.sign_up()
    found = (await service.get("/get-session", browser(signed_up))).json()
    assert list(found["session"]) == STORED_ORDER
    (listed,) = (await service.get("/list-sessions", browser(signed_up))).json()
    assert list(listed) == STORED_ORDER
    assert listed == found["session"]


async def test_renewal_moves_session_list_and_time(
    sqlite_database: Database, storage: RedisStorage, redis_url: str
) -> None:
    policy = SessionOptions(update_age=0, expires_in=1000)
    service = await serve(sqlite_database, storage=storage, session=policy)
    up = await service.sign_up()
    token, user_id = up.json()["token"], up.json()["user"]["id"]
    before = await stored(storage, token)
    await storage.set(token, json.dumps(before), 5)
    answer = await service.get("/get-session", browser(up))
    after = await stored(storage, token)
    assert answer.json()["session"] == after["session"]
    assert after["session"]["expiresAt"] > before["session"]["expiresAt"]
    assert after["session"]["updatedAt"] > before["session"]["updatedAt"]
    assert list(after["session"]) == STORED_ORDER
    assert await seconds_left(redis_url, token) > 900
    (entry,) = await stored(storage, f"active-sessions-{user_id}")
    assert entry["expiresAt"] > 1000


async def test_what_another_server_put_in_survives_a_renewal(
    sqlite_database: Database, storage: RedisStorage
) -> None:
    policy = SessionOptions(update_age=0)
    service = await serve(sqlite_database, storage=storage, session=policy)
    up = await service.sign_up()
    token = up.json()["token"]
    entry = await stored(storage, token)
    entry["session"]["activeOrganizationId"], entry["user"]["role"] = "acme", "admin"
    await storage.set(token, json.dumps(entry), 60)
    assert await is_signed_in(service, up)
    kept = await stored(storage, token)
    assert kept["session"]["activeOrganizationId"] == "acme"
    assert kept["user"]["role"] == "admin"


async def test_sign_out_ends_the_session_and_leaves_the_others(
    service: Service, storage: RedisStorage
) -> None:
    first, second = await service.sign_up(), await service.sign_in()
    await service.post("/sign-out", {}, browser(first))
    assert not await is_signed_in(service, first)
    assert await is_signed_in(service, second)
    assert await storage.get(first.json()["token"]) is None
    listed = await stored(storage, f"active-sessions-{first.json()['user']['id']}")
    assert [entry["token"] for entry in listed] == [second.json()["token"]]


async def test_last_sign_out_leaves_nothing_behind(
    service: Service, redis_url: str, storage: RedisStorage
) -> None:
    await service.post("/sign-out", {}, browser(await service.sign_up()))
    async with Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0


async def test_sessions_are_revoked_one_others_all(service: Service) -> None:
    first = await service.sign_up()
    second, third, fourth = [await service.sign_in() for _ in range(3)]
    await service.post("/revoke-session", {"token": second.json()["token"]}, browser(first))
    assert not await is_signed_in(service, second)
    await service.post("/revoke-other-sessions", {}, browser(third))
    assert [await is_signed_in(service, one) for one in (first, third, fourth)] == [
        False,
        True,
        False,
    ]
    await service.post("/revoke-sessions", {}, browser(third))
    assert not await is_signed_in(service, third)


async def test_session_of_another_user_is_not_revoked(service: Service) -> None:
    ada, eve = await service.sign_up(), await service.sign_up("eve@example.com")
    await service.post("/revoke-session", {"token": ada.json()["token"]}, browser(eve))
    assert await is_signed_in(service, ada)


async def test_sixteen_sign_ins_at_once_are_all_listed_and_all_revoked(service: Service) -> None:
    up = await service.sign_up()
    answers = await asyncio.gather(*(service.sign_in() for _ in range(16)))
    tokens = {answer.json()["token"] for answer in (up, *answers)}
    listed = (await service.get("/list-sessions", browser(up))).json()
    assert {session["token"] for session in listed} == tokens
    await service.post("/revoke-sessions", {}, browser(up))
    assert not any([await is_signed_in(service, answer) for answer in (up, *answers)])


async def test_more_than_a_hundred_sessions_are_listed(
    service: Service, storage: RedisStorage
) -> None:
    up = await service.sign_up()
    entry, user_id = await stored(storage, up.json()["token"]), up.json()["user"]["id"]
    references = await stored(storage, f"active-sessions-{user_id}")
    for number in range(150):
        entry["session"]["token"] = f"{number}"
        await storage.set(f"{number}", json.dumps(entry), 60)
        references.append({**references[0], "token": f"{number}"})
    await storage.set(f"active-sessions-{user_id}", json.dumps(references), 60)
    assert len((await service.get("/list-sessions", browser(up))).json()) == 151


async def test_expired_session_is_gone_and_is_not_listed(
    service: Service, storage: RedisStorage
) -> None:
    up, other = await service.sign_up(), await service.sign_in()
    await expire(storage, up.json()["token"], from_now(seconds=-1))
    assert not await is_signed_in(service, up)
    assert await storage.get(up.json()["token"]) is None
    listed = (await service.get("/list-sessions", browser(other))).json()
    assert [session["token"] for session in listed] == [other.json()["token"]]


@pytest.mark.parametrize("key", ["active-sessions-{id}", "verification:reset", "1.2.3.4|/x", "odd"])
async def test_other_keys_of_the_storage_are_no_sessions_and_are_left_alone(
    service: Service, storage: RedisStorage, key: str
) -> None:
    up = await service.sign_up()
    key = key.format(id=up.json()["user"]["id"])
    values = {"verification:reset": '{"value":"x"}', "1.2.3.4|/x": "3", "odd": "{not JSON"}
    if key in values:
        await storage.set(key, values[key])
    before = await storage.get(key)
    assert (await service.get("/get-session", bearer(key))).json() is None
    await service.post("/sign-out", {}, bearer(key))
    await service.post("/revoke-session", {"token": key}, browser(up))
    assert await storage.get(key) == before


@pytest.mark.parametrize("broken", ['{"session":{},"user":{}}', '{"session":null}', "[]", "7", "{"])
async def test_entry_that_cannot_be_read_is_no_session(
    service: Service, storage: RedisStorage, broken: str
) -> None:
    up = await service.sign_up()
    await storage.set(up.json()["token"], broken, 60)
    answer = await service.get("/get-session", browser(up))
    assert (answer.status, answer.json()) == (200, None)


async def test_banned_user_gets_no_token_whatever_the_entry_says(
    sqlite_database: Database, storage: RedisStorage
) -> None:
    async with sqlite_database.begin() as tx:
        await tx.exec_driver_sql('ALTER TABLE "user" ADD COLUMN banned INTEGER')
    service = await serve(sqlite_database, storage=storage)
    up = await service.sign_up()
    assert (await service.get("/token", browser(up))).status == 200
    await service.execute('UPDATE "user" SET banned = 1')
    refused = await service.get("/token", browser(up))
    assert (refused.status, refused.json()["code"]) == (403, "BANNED_USER")


async def test_session_of_an_administrator_is_not_listed(
    sqlite_database: Database, storage: RedisStorage
) -> None:
    service = await serve(sqlite_database, storage=storage)
    first, second = await service.sign_up(), await service.sign_in()
    token = second.json()["token"]
    entry = json.loads(await storage.get(token) or "")
    entry["session"]["impersonatedBy"] = "admin"
    await storage.set(token, json.dumps(entry), 60)
    listed = (await service.get("/list-sessions", browser(first))).json()
    assert [each["token"] for each in listed] == [first.json()["token"]]
    every = await store_of(service, storage).list_all(first.json()["user"]["id"], clock())
    assert {each.token for each in every} == {first.json()["token"], token}


async def test_marks_are_looked_for_and_a_user_who_is_gone_has_no_session(
    sqlite_database: Database, storage: RedisStorage
) -> None:
    async with sqlite_database.begin() as tx:
        await tx.exec_driver_sql('ALTER TABLE "user" ADD COLUMN banned INTEGER')
    service = await serve(sqlite_database, storage=storage)
    up = await service.sign_up()
    async with sqlite_database.begin() as tx:
        await tx.execute(users.delete())
    assert not await is_signed_in(service, up)


async def test_storage_that_is_away_is_503_and_nobody_is_signed_out(
    sqlite_database: Database, stoppable_redis: RedisServer
) -> None:
    storage = RedisStorage.open(stoppable_redis.url)
    service = await serve(sqlite_database, storage=storage)
    up = await service.sign_up()
    stoppable_redis.stop()
    for method, path in [("GET", "/get-session"), ("GET", "/token"), ("POST", "/sign-out")]:
        answer = await service.call(method, path, browser(up))
        assert (answer.status, answer.json()["code"]) == (503, "STORE_UNAVAILABLE")
        assert answer.header_list("set-cookie") == []
    assert (await service.sign_in()).status == 503
    assert (await service.sign_up("eve@example.com")).status == 503
    stoppable_redis.start()
    again = await service.sign_in()
    assert await is_signed_in(service, again)
    assert [row["email"] for row in await service.rows(users)] == ["ada@example.com"]
    await storage.close()


async def test_change_of_the_user_is_in_every_session(
    service: Service, storage: RedisStorage, redis_url: str
) -> None:
    up, again = await service.sign_up(), await service.sign_in(rememberMe=False)
    store = store_of(service, storage)
    fields, dialect = service.settings.additional_fields, service.database.dialect
    mapper = make_mappers(fields, dialect, TABLES).user
    ada = structs.replace(ADA, id=up.json()["user"]["id"])
    changed = await Users(service.database, mapper, store, Hooks(), NoAudit()).change(
        ada, {"name": "Eve"}, clock()
    )
    assert changed is not None
    for answer in (up, again):
        found = (await service.get("/get-session", browser(answer))).json()["user"]
        assert (found["name"], found["updatedAt"]) == ("Eve", changed.updated_at)
        assert list(found) == USER_ORDER
    assert DAY - 5 <= await seconds_left(redis_url, again.json()["token"]) <= DAY


async def test_new_session_has_the_user_as_they_are_and_not_as_they_were_found(
    service: Service, storage: RedisStorage
) -> None:
    up, store = await service.sign_up(), store_of(service, storage)
    active = await store.find(up.json()["token"])
    assert active is not None
    await service.alter(users, name="Changed meanwhile")
    await store.reserve(active.session, active.user)
    assert (await stored(storage, active.session.token))["user"]["name"] == "Changed meanwhile"


async def test_older_state_of_the_user_is_not_put_over_a_newer_one(
    service: Service, storage: RedisStorage
) -> None:
    up, store = await service.sign_up(), store_of(service, storage)
    active = await store.find(up.json()["token"])
    assert active is not None
    await service.alter(users, name="New")
    await store.refresh_user(active.user)
    assert (await stored(storage, active.session.token))["user"]["name"] == "New"


async def test_no_change_brings_back_a_session_that_ended_meanwhile(
    service: Service, storage: RedisStorage
) -> None:
    up = await service.sign_up()
    store, token = store_of(service, EndsWhenRead(storage)), up.json()["token"]
    active = await store_of(service, storage).find(token)
    assert active is not None
    assert await store.change(active, {"updated_at": from_now()}) is None
    await store_of(service, storage).reserve(active.session, active.user)
    await store.refresh_user(active.user)
    assert await storage.get(token) is None


async def test_change_that_loses_every_race_is_told_and_not_left_out(
    service: Service, storage: RedisStorage
) -> None:
    up = await service.sign_up()
    store = store_of(service, LosesEveryRace(storage))
    active = await store.find(up.json()["token"])
    assert active is not None
    with pytest.raises(StoreUnavailable):
        await store.change(active, {"updated_at": from_now()})
    await service.alter(users, name="New")
    with pytest.raises(StoreUnavailable):
        await store.refresh_user(active.user)
    with pytest.raises(StoreUnavailable):
        await store.reserve(active.session, active.user)


class Borrowed(RedisStorage):
    """The connection of another."""

    def __init__(self, storage: RedisStorage) -> None:
        self._redis, self._prefix = storage._redis, storage._prefix
        self._outage = storage._outage


class LosesEveryRace(Borrowed):
    """Somebody else has always written first."""

    async def swap(
        self, key: str, seen: str | None, value: str | None, ttl: int | None = None
    ) -> bool:
        return False


class EndsWhenRead(Borrowed):
    """A session that is read here is ended by somebody else before it can be written."""

    async def get(self, key: str) -> str | None:
        found = await super().get(key)
        if not key.startswith("active-sessions-"):
            await self.delete(key)
        return found


def store_of(service: Service, storage: RedisStorage) -> StorageSessions:
    return StorageSessions(
        storage,
        make_mappers(Settings(secret="").additional_fields, "sqlite", TABLES, stored=True),
        service.database,
        restrictions(),
        expires_in=WEEK,
    )
