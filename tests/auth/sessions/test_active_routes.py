"""Listing and revoking sessions, as a client of the whole application sees them."""

import asyncio

import pytest

from app.auth.sessions.database_store import DatabaseSessions
from app.models.additional_fields import AdditionalFields
from app.models.clock import now
from app.models.errors import StoreUnavailable
from app.models.mappers import make_mappers
from app.settings.options import SessionOptions
from app.storage.database import Database
from tests.auth.sessions.test_routes import CLEARED, SESSION_KEYS
from tests.support.asgi import Answer
from tests.support.service import (
    JSON,
    Service,
    bearer,
    browser,
    cookies,
    from_now,
    serve,
)
from tests.support.tables import TABLES, restrictions, sessions

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

EVE = "eve@example.com"
REVOKING = ["/revoke-session", "/revoke-sessions", "/revoke-other-sessions"]
STAYING = ["/revoke-session", "/revoke-other-sessions"]
UNAUTHORIZED = {"message": "Unauthorized", "code": "UNAUTHORIZED"}
NOT_FRESH = {"message": "Session is not fresh", "code": "SESSION_NOT_FRESH"}
DAY_AND_MORE = {"days": -1, "milliseconds": -1}


async def revoke(service: Service, path: str, signed_in: Answer, token: str = "x") -> Answer:
    body = {"token": token} if path == "/revoke-session" else b""
    return await service.post(path, body, browser(signed_in))


async def tokens(service: Service) -> set[str]:
    return {row["token"] for row in await service.rows(sessions)}


def assert_done(answer: Answer) -> None:
    assert (answer.status, answer.body) == (200, b'{"status":true}')
    assert answer.header("content-type") == "application/json"


# The list


@pytest.mark.engines("sqlite", "postgres")
@pytest.mark.parametrize("column", ["impersonatedBy", "impersonated_by"])
async def test_session_of_an_administrator_is_not_listed(database: Database, column: str) -> None:
    async with database.begin() as tx:
        await tx.exec_driver_sql(f'ALTER TABLE session ADD COLUMN "{column}" text')
    service = await serve(database)
    first, second = await service.sign_up(), await service.sign_in()
    token = second.json()["token"]
    mark = f'UPDATE session SET "{column}" = :admin WHERE token = :token'
    await service.execute(mark, admin="admin", token=token)
    listed = (await service.get("/list-sessions", browser(first))).json()
    assert [each["token"] for each in listed] == [first.json()["token"]]
    assert (await service.get("/get-session", browser(second))).json() is not None


async def test_store_lists_those_of_an_administrator_and_expired_ones_if_asked(
    database: Database,
) -> None:
    async with database.begin() as tx:
        await tx.exec_driver_sql('ALTER TABLE session ADD COLUMN "impersonatedBy" text')
    service = await serve(database)
    up = await service.sign_up()
    await service.sign_in()
    await service.execute("UPDATE session SET \"impersonatedBy\" = 'admin'")
    await service.alter(sessions, expiresAt="2020-01-01T00:00:00.000Z")
    mappers = make_mappers(AdditionalFields(), database.dialect, TABLES)
    store = DatabaseSessions(database, mappers, restrictions(), impersonated_by="impersonatedBy")
    user_id = up.json()["user"]["id"]
    assert len(await store.list_all(user_id, now())) == 2
    assert await store.list_active(user_id, now()) == []


async def test_list_holds_every_session_of_the_caller_with_the_original_s_keys(
    database: Database,
) -> None:
    service = await serve(database)
    first, second = await service.sign_up(), await service.sign_in()
    answer = await service.get("/list-sessions", browser(first))
    assert answer.status == 200
    assert all(list(each) == [*SESSION_KEYS, "userId", "id"] for each in answer.json())
    listed = {each["token"]: each for each in answer.json()}
    assert listed == {row["token"]: row for row in await service.rows(sessions)}
    assert listed.keys() == {first.json()["token"], second.json()["token"]}
    assert answer.header_list("set-cookie") == []


async def test_list_needs_a_session_that_began_lately(database: Database) -> None:
    """PR #9865: the list holds tokens, and was given to any session."""
    service = await serve(database)
    signed_up = await service.sign_up()
    await service.alter(sessions, createdAt=from_now(**DAY_AND_MORE))
    answer = await service.get("/list-sessions", browser(signed_up))
    assert (answer.status, answer.json()) == (403, NOT_FRESH)
    assert signed_up.json()["token"] not in answer.body.decode()


async def test_list_never_holds_another_user_s_session(database: Database) -> None:
    """PR #9865."""
    service = await serve(database)
    ada, eve = await service.sign_up(), await service.sign_up(EVE)
    answer = await service.get(f"/list-sessions?userId={ada.json()['user']['id']}", browser(eve))
    assert [each["token"] for each in answer.json()] == [eve.json()["token"]]


async def test_list_is_kept_by_no_cache(database: Database) -> None:
    """PR #10222."""
    service = await serve(database)
    answer = await service.get("/list-sessions", browser(await service.sign_up()))
    assert answer.header_list("cache-control") == ["no-store"]


async def test_signing_in_again_makes_fresh(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    await service.alter(sessions, createdAt=from_now(**DAY_AND_MORE))
    answer = await service.get("/list-sessions", browser(await service.sign_in()))
    assert len(answer.json()) == 2


async def test_session_is_fresh_for_a_day(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    await service.alter(sessions, createdAt=from_now(days=-1, minutes=1))
    assert (await service.get("/list-sessions", browser(signed_up))).status == 200


async def test_fresh_age_is_the_setting_s(database: Database) -> None:
    service = await serve(database, session=SessionOptions(fresh_age=60))
    signed_up = await service.sign_up()
    assert (await service.get("/list-sessions", browser(signed_up))).status == 200
    await service.alter(sessions, createdAt=from_now(seconds=-61))
    assert (await service.get("/list-sessions", browser(signed_up))).status == 403


async def test_fresh_age_of_nothing_asks_for_none(database: Database) -> None:
    service = await serve(database, session=SessionOptions(fresh_age=0))
    signed_up = await service.sign_up()
    await service.alter(sessions, createdAt=from_now(days=-3000))
    assert (await service.get("/list-sessions", browser(signed_up))).status == 200


async def test_renewal_makes_no_session_fresh(database: Database) -> None:
    service = await serve(database, session=SessionOptions(update_age=0))
    signed_up = await service.sign_up()
    await service.alter(sessions, createdAt=from_now(**DAY_AND_MORE))
    for _ in range(2):
        answer = await service.get("/list-sessions", browser(signed_up))
        assert (answer.status, answer.json()) == (403, NOT_FRESH)


@pytest.mark.engines("sqlite", "postgres")
async def test_refusal_of_a_stale_session_carries_what_its_guard_did(database: Database) -> None:
    service = await serve(database, session=SessionOptions(update_age=0))
    signed_up = await service.sign_up()
    await service.alter(sessions, createdAt=from_now(**DAY_AND_MORE))
    cookie = f"{cookies(signed_up)}; better-auth.session_data=x"
    answer = await service.get("/list-sessions", [("cookie", cookie)])
    cleared = "better-auth.session_data=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    assert answer.header_list("set-cookie") == [cleared, *signed_up.header_list("set-cookie")]
    assert answer.header("set-auth-token") == signed_up.header("set-auth-token")
    assert answer.header("access-control-expose-headers") == "set-auth-token"


async def test_expired_sessions_are_not_listed(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    await service.alter(sessions, expiresAt=from_now(milliseconds=-5))
    second = await service.sign_in()
    answer = await service.get("/list-sessions", browser(second))
    assert [each["token"] for each in answer.json()] == [second.json()["token"]]


# Revoking


async def test_revoked_session_is_refused_at_once_and_the_others_live(database: Database) -> None:
    service = await serve(database)
    phone, laptop = await service.sign_up(), await service.sign_in()
    assert_done(await revoke(service, "/revoke-session", laptop, phone.json()["token"]))
    for path, status in (("/token", 401), ("/list-sessions", 401), ("/get-session", 200)):
        assert (await service.get(path, browser(phone))).status == status
    assert (await service.get("/get-session", browser(phone))).body == b"null"
    assert (await service.get("/token", browser(laptop))).status == 200


async def test_own_session_can_be_revoked_and_its_cookies_go(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    answer = await revoke(service, "/revoke-session", signed_up, signed_up.json()["token"])
    assert_done(answer)
    assert answer.header_list("set-cookie") == CLEARED
    assert await tokens(service) == set()


@pytest.mark.engines("sqlite", "postgres")
async def test_foreign_token_reads_like_an_unknown_one_and_touches_nothing(
    database: Database,
) -> None:
    service = await serve(database)
    ada, eve = await service.sign_up(), await service.sign_up(EVE)
    before = await service.rows(sessions)
    for token in (ada.json()["token"], "unknown", "", "\0", "x" * 10_000):
        answer = await revoke(service, "/revoke-session", eve, token)
        assert_done(answer)
        assert answer.header_list("set-cookie") == []
    assert await service.rows(sessions) == before


async def test_identity_in_the_body_counts_for_nothing(database: Database) -> None:
    """CVE-2025-61928: a `userId` in the body stood in for a session."""
    service = await serve(database)
    ada = (await service.sign_up()).json()
    body = {"token": ada["token"], "userId": ada["user"]["id"], "id": ada["user"]["id"]}
    await service.sign_up(EVE)
    for path in REVOKING:
        assert (await service.post(path, body)).status == 401
        assert_done(await service.post(path, body, browser(await service.sign_in(EVE))))
    assert ada["token"] in await tokens(service)


async def test_signed_form_of_a_token_is_an_unknown_one(database: Database) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    signed = signed_up.header("set-auth-token") or ""
    assert_done(await revoke(service, "/revoke-session", signed_up, signed))
    assert len(await tokens(service)) == 1


async def test_all_sessions_of_the_caller_end_and_the_cookies_go(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    caller, eve = await service.sign_in(), await service.sign_up(EVE)
    answer = await revoke(service, "/revoke-sessions", caller)
    assert_done(answer)
    assert answer.header_list("set-cookie") == CLEARED
    assert await tokens(service) == {eve.json()["token"]}


async def test_other_sessions_of_the_caller_end(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    caller, eve = await service.sign_in(), await service.sign_up(EVE)
    assert_done(await revoke(service, "/revoke-other-sessions", caller))
    assert await tokens(service) == {caller.json()["token"], eve.json()["token"]}


@pytest.mark.parametrize("path", REVOKING)
async def test_revoking_needs_no_fresh_session(database: Database, path: str) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    await service.alter(sessions, createdAt=from_now(days=-5))
    assert_done(await revoke(service, path, signed_up))


@pytest.mark.parametrize("path", ["/revoke-sessions", "/revoke-other-sessions"])
@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[]", b'"x"', b'{"token":5}'])
async def test_body_that_is_not_needed_is_not_judged(
    database: Database, path: str, body: bytes
) -> None:
    service = await serve(database)
    headers = [JSON, *browser(await service.sign_up())]
    assert_done(await service.post(path, body, headers))


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize(
    ("body", "place", "expected", "kind"),
    [
        (b"", "body", "object", "undefined"),
        (b"null", "body", "object", "null"),
        (b"[]", "body", "object", "array"),
        (b"5", "body", "object", "number"),
        (b"{}", "body.token", "string", "undefined"),
        (b'{"token":null}', "body.token", "string", "null"),
        (b'{"token":5}', "body.token", "string", "number"),
        (b'{"token":["x"]}', "body.token", "string", "array"),
    ],
)
async def test_body_is_judged_before_the_session(
    database: Database, body: bytes, place: str, expected: str, kind: str, *, signed_in: bool
) -> None:
    service = await serve(database)
    headers = browser(await service.sign_up()) if signed_in else []
    answer = await service.post("/revoke-session", body, [JSON, *headers])
    message = f"[{place}] Invalid input: expected {expected}, received {kind}"
    assert answer.status == 400
    assert answer.json() == {"message": message, "code": "VALIDATION_ERROR"}


# The guard


@pytest.mark.parametrize("path", REVOKING)
async def test_page_of_another_origin_revokes_nothing(database: Database, path: str) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()
    cookie = ("cookie", cookies(signed_up))
    body = {"token": signed_up.json()["token"]}
    for origin, code in (
        ("https://evil.example", "INVALID_ORIGIN"),
        ("null", "MISSING_OR_NULL_ORIGIN"),
    ):
        answer = await service.post(path, body, [cookie, ("origin", origin)])
        assert (answer.status, answer.json()["code"]) == (403, code)
    assert len(await tokens(service)) == 1


@pytest.mark.parametrize("path", ["/list-sessions", *REVOKING])
async def test_nobody_is_refused(database: Database, path: str) -> None:
    service = await serve(database)
    await service.sign_up()
    for headers, cleared in (([], []), (bearer("unknown"), CLEARED)):
        answer = (
            await service.get(path, headers)
            if path == "/list-sessions"
            else await service.post(path, {"token": "x"}, headers)
        )
        assert (answer.status, answer.json()) == (401, UNAUTHORIZED)
        assert answer.header_list("set-cookie") == cleared
    assert len(await tokens(service)) == 1


@pytest.mark.parametrize("path", STAYING)
async def test_session_that_is_due_is_renewed_and_its_cookie_sent(
    database: Database, path: str
) -> None:
    service = await serve(database, session=SessionOptions(update_age=0))
    signed_up = await service.sign_up()
    answer = await revoke(service, path, signed_up)
    assert_done(answer)
    assert answer.header_list("set-cookie") == signed_up.header_list("set-cookie")
    assert answer.header("set-auth-token") == signed_up.header("set-auth-token")


@pytest.mark.parametrize("path", ["/list-sessions", *STAYING])
@pytest.mark.parametrize(
    ("query", "renews"),
    [("=1", False), ("=false", False), ("=a&disableRefresh=b", False), ("=", True)],
)
async def test_query_keeps_a_session_from_being_renewed(
    database: Database, path: str, query: str, *, renews: bool
) -> None:
    service = await serve(database, session=SessionOptions(update_age=0))
    headers = browser(await service.sign_up())
    target = f"{path}?disableRefresh{query}"
    answer = (
        await service.get(target, headers)
        if path == "/list-sessions"
        else await service.post(target, {"token": "x"}, headers)
    )
    assert answer.status == 200
    assert (answer.header_list("set-cookie") != []) is renews


async def test_deferred_renewal_is_left_to_post_get_session(database: Database) -> None:
    policy = SessionOptions(update_age=0, defer_session_refresh=True)
    service = await serve(database, session=policy)
    answer = await revoke(service, "/revoke-session", await service.sign_up())
    assert_done(answer)
    assert answer.header_list("set-cookie") == []


@pytest.mark.engines("sqlite", "postgres")
async def test_two_that_revoke_each_other_both_succeed_or_are_told(database: Database) -> None:
    service = await serve(database)
    one, other = await service.sign_up(), await service.sign_in()
    answers = await asyncio.gather(
        *(revoke(service, "/revoke-other-sessions", each) for each in (one, other) * 5)
    )
    assert {answer.status for answer in answers} <= {200, 401}
    assert len(await tokens(service)) <= 1


@pytest.mark.parametrize("path", ["/list-sessions", *REVOKING])
async def test_wrong_method_is_the_bare_404(database: Database, path: str) -> None:
    service = await serve(database)
    method = "POST" if path == "/list-sessions" else "GET"
    answer = await service.call(method, path, browser(await service.sign_up()))
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize("path", ["/list-sessions", *REVOKING])
async def test_store_that_is_down_is_503_and_never_not_signed_in(
    database: Database, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    service = await serve(database)
    signed_up = await service.sign_up()

    def down(*arguments: object) -> None:
        raise StoreUnavailable

    for broken in ("begin", "read_all", "read_one", "read_stored"):
        monkeypatch.setattr(database, broken, down)
    answer = (
        await service.get(path, browser(signed_up))
        if path == "/list-sessions"
        else await revoke(service, path, signed_up)
    )
    assert (answer.status, answer.json()["code"]) == (503, "STORE_UNAVAILABLE")
    assert answer.header_list("set-cookie") == []
