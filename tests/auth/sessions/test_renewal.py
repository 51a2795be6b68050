"""When a session is renewed, in row, body and cookie, and when it is not."""

import asyncio

import pytest

from app.models.clock import from_iso
from app.settings.options import SessionOptions
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.auth.sessions.test_routes import CLEARED, DAY, assert_nobody, assert_not_stored
from tests.support.asgi import Answer, Header
from tests.support.service import Service, bearer, browser, from_now, serve
from tests.support.tables import sessions

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]


async def aged(service: Service, signed_up: Answer, **left: float) -> list[Header]:
    """The session as it is when this much is left of it."""
    await service.alter(sessions, expiresAt=from_now(**left), updatedAt=from_now(days=-30))
    return browser(signed_up)


async def test_session_not_yet_a_day_old_is_left_alone(database: Database) -> None:
    service = await serve(database)
    headers = await aged(service, await service.sign_up(), days=6, minutes=1)
    before = await service.rows(sessions)
    answer = await service.get("/get-session", headers)
    assert answer.header_list("set-cookie") == []
    assert answer.header("set-auth-token") is None
    assert await service.rows(sessions) == before
    assert answer.json()["session"] == before[0]


async def test_session_a_day_old_is_renewed_in_row_body_and_cookie(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    headers = await aged(service, signed_up, days=6)
    (before,) = await service.rows(sessions)
    answer = await service.get("/get-session", headers)
    (after,) = await service.rows(sessions)
    assert answer.json()["session"] == after
    left = from_iso(after["expiresAt"]) - from_iso(after["updatedAt"])
    assert left.total_seconds() == 7 * DAY
    assert from_iso(after["updatedAt"]) > from_iso(before["updatedAt"])
    unchanged = {k: v for k, v in before.items() if k not in ("expiresAt", "updatedAt")}
    assert unchanged.items() <= after.items()
    assert answer.header_list("set-cookie") == signed_up.header_list("set-cookie")
    assert answer.header("set-auth-token") == signed_up.header("set-auth-token")


async def test_update_age_of_nothing_renews_at_every_read(database: Database) -> None:
    service = await serve(database, session=SessionOptions(update_age=0))
    headers = browser(await service.sign_up())
    for _ in range(2):
        assert (await service.get("/get-session", headers)).header_list("set-cookie") != []


async def test_ages_are_the_setting_s(database: Database) -> None:
    service = await serve(database, session=SessionOptions(expires_in=100, update_age=40))
    signed_up = await service.sign_up()
    assert "; Max-Age=100;" in signed_up.header_list("set-cookie")[0]
    headers = await aged(service, signed_up, seconds=61)
    assert (await service.get("/get-session", headers)).header_list("set-cookie") == []
    headers = await aged(service, signed_up, seconds=59)
    assert (await service.get("/get-session", headers)).header_list("set-cookie") != []


async def test_forgetful_session_is_never_renewed(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up(rememberMe=False)
    headers = await aged(service, signed_up, minutes=1)
    before = await service.rows(sessions)
    answer = await service.get("/get-session", headers)
    assert answer.header_list("set-cookie") == []
    assert await service.rows(sessions) == before


async def test_forgetful_session_without_its_cookie_is_renewed_as_any_other(
    database: Database,
) -> None:
    service = await serve(database)
    signed_up = await service.sign_up(rememberMe=False)
    answer = await service.get("/get-session", bearer(signed_up.json()["token"]))
    assert "; Max-Age=604800;" in answer.header_list("set-cookie")[0]


@pytest.mark.parametrize(
    ("query", "renewed"),
    [
        ("", True),
        ("?disableRefresh=", True),
        ("?disableRefresh", True),
        ("?disablerefresh=true", True),
        ("?disableRefresh=true", False),
        ("?disableRefresh=false", False),
        ("?disableRefresh=0", False),
        ("?disableRefresh=true&disableRefresh=", False),
        ("?disableRefresh=&disableRefresh=", False),
        ("?disableCookieCache=true", True),
        ("?disableCookieCache=&userId=x&disableRefresh=%00", False),
    ],
)
async def test_any_text_disables_the_refresh(database: Database, query: str, renewed: bool) -> None:
    service = await serve(database)
    headers = await aged(service, await service.sign_up(), days=1)
    answer = await service.get(f"/get-session{query}", headers)
    assert answer.json()["user"]["name"] == "Ada"
    assert bool(answer.header_list("set-cookie")) is renewed


async def test_refresh_can_be_disabled_for_a_token_too(database: Database) -> None:
    service = await serve(database)
    headers = await aged(service, await service.sign_up(), days=1)
    assert (await service.get("/token?disableRefresh=1", headers)).header("set-cookie") is None
    assert (await service.get("/token", headers)).header("set-cookie") is not None


async def test_setting_disables_the_refresh(database: Database) -> None:
    service = await serve(database, session=SessionOptions(disable_session_refresh=True))
    headers = await aged(service, await service.sign_up(), days=1)
    assert (await service.get("/get-session", headers)).header_list("set-cookie") == []


@pytest.mark.engines("sqlite", "postgres")
async def test_session_deleted_during_its_renewal_is_401_and_taken_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database)
    headers = await aged(service, await service.sign_up(), days=1)
    read_stored = database.read_stored

    async def read_then_delete(*arguments: object) -> object:
        row = await read_stored(*arguments)  # type: ignore[arg-type]  # passed on as they came
        await service.execute("DELETE FROM session")
        return row

    monkeypatch.setattr(database, "read_stored", read_then_delete)
    answer = await service.get("/get-session", headers)
    assert answer.status == 401
    assert answer.json() == {"message": "Failed to get session", "code": "FAILED_TO_GET_SESSION"}
    assert answer.header_list("set-cookie") == CLEARED
    assert_not_stored(answer)


@pytest.mark.engines("sqlite", "postgres")
async def test_parallel_reads_of_a_due_session_all_succeed(database: Database) -> None:
    service = await serve(database)
    headers = await aged(service, await service.sign_up(), days=1)
    answers = await asyncio.gather(*(service.get("/get-session", headers) for _ in range(10)))
    assert {answer.status for answer in answers} == {200}
    assert len(await service.rows(sessions)) == 1


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("in_redis", [False, True])
async def test_renewal_never_brings_back_a_session_that_signs_out_meanwhile(
    database: Database, request: pytest.FixtureRequest, *, in_redis: bool
) -> None:
    """PR #8708, too: a session that was ended came back from the other store."""
    url = request.getfixturevalue("redis_url") if in_redis else ""
    storage = RedisStorage.open(url) if url else None
    policy = SessionOptions(update_age=0)  # every read renews
    service = await serve(database, storage=storage, session=policy)
    for _ in range(5):
        ada = browser(await service.sign_in() if _ else await service.sign_up())
        reads = (service.get("/get-session", ada) for _ in range(8))
        answers = await asyncio.gather(*reads, service.post("/sign-out", {}, ada))
        assert {answer.status for answer in answers} <= {200, 401}
        assert (await service.get("/get-session", ada)).json() is None
    assert await service.rows(sessions) == []
    if storage is not None:
        await storage.close()


# Deferred renewal

DEFERRED = SessionOptions(defer_session_refresh=True)


@pytest.mark.parametrize(("days", "due"), [(1, True), (6.9, False)])
async def test_deferred_get_says_whether_a_refresh_is_due_and_writes_nothing(
    database: Database, days: float, due: bool
) -> None:
    service = await serve(database, session=DEFERRED)
    headers = await aged(service, await service.sign_up(), days=days)
    before = await service.rows(sessions)
    answer = await service.get("/get-session", headers)
    assert list(answer.json()) == ["session", "user", "needsRefresh"]
    assert answer.json()["needsRefresh"] is due
    assert answer.header_list("set-cookie") == []
    assert await service.rows(sessions) == before


async def test_deferred_post_without_a_body_renews_and_says_nothing_of_it(
    database: Database,
) -> None:
    service = await serve(database, session=DEFERRED)
    headers = await aged(service, await service.sign_up(), days=1)
    answer = await service.post("/get-session", b"", headers)
    assert list(answer.json()) == ["session", "user"]
    assert len(answer.header_list("set-cookie")) == 1
    (row,) = await service.rows(sessions)
    assert answer.json()["session"] == row
    assert (await service.get("/get-session", headers)).json()["needsRefresh"] is False


async def test_needs_refresh_is_left_out_where_a_refresh_is_ruled_out(database: Database) -> None:
    service = await serve(database, session=DEFERRED)
    signed_up = await service.sign_up(rememberMe=False)
    headers = await aged(service, signed_up, hours=1)
    assert "needsRefresh" not in (await service.get("/get-session", headers)).json()
    remembered = bearer(signed_up.json()["token"])
    path = "/get-session?disableRefresh=1"
    assert "needsRefresh" not in (await service.get(path, remembered)).json()


async def test_needs_refresh_is_false_where_the_setting_disables_it(database: Database) -> None:
    policy = SessionOptions(defer_session_refresh=True, disable_session_refresh=True)
    service = await serve(database, session=policy)
    headers = await aged(service, await service.sign_up(), days=1)
    assert (await service.get("/get-session", headers)).json()["needsRefresh"] is False


async def test_expired_row_is_deleted_by_the_deferred_post_only(database: Database) -> None:
    service = await serve(database, session=DEFERRED)
    headers = await aged(service, await service.sign_up(), seconds=-1)
    assert_nobody(await service.get("/get-session", headers), cleared=True)
    assert (await service.get("/token", headers)).status == 401
    assert len(await service.rows(sessions)) == 1
    assert_nobody(await service.post("/get-session", b"", headers), cleared=True)
    assert await service.rows(sessions) == []


async def test_token_defers_the_refresh_too(database: Database) -> None:
    service = await serve(database, session=DEFERRED)
    headers = await aged(service, await service.sign_up(), days=1)
    before = await service.rows(sessions)
    answer = await service.get("/token", headers)
    assert answer.status == 200
    assert answer.header_list("set-cookie") == []
    assert await service.rows(sessions) == before


async def test_post_is_refused_unless_refreshes_are_deferred(database: Database) -> None:
    service = await serve(database)
    answer = await service.post("/get-session", {}, browser(await service.sign_up()))
    assert answer.status == 405
    assert answer.json() == {
        "message": "POST method requires deferSessionRefresh to be enabled in session config",
        "code": "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
    }
    assert_not_stored(answer)
