"""What every audit event says, and that it stands and falls with what it tells."""

from typing import NoReturn

import pytest
from msgspec.structs import replace

from app.auth.sessions.database_store import DatabaseSessions
from app.schema.requirements import DEFAULTS
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.asgi import Answer
from tests.support.audited import list_names, read_events
from tests.support.prepared_files import inspect
from tests.support.service import EMAIL, PASSWORD, Service, bearer, browser, serve

pytestmark = pytest.mark.anyio


def request_id(answer: Answer) -> str:
    return answer.header_list("x-request-id")[0]


async def test_sign_up_sign_in_and_sign_out_are_told_with_who_and_from_where(
    database: Database,
) -> None:
    service = await serve(database)
    agent = ("user-agent", "Firefox")
    signed_up = await service.sign_up()
    user_id = signed_up.json()["user"]["id"]
    body = {"email": EMAIL, "password": PASSWORD}
    signed_in = await service.post("/sign-in/email", body, [agent], peer="203.0.113.9")
    out = await service.post("/sign-out", {}, [*browser(signed_in), agent], peer="203.0.113.9")
    first, second, third = await read_events(database)
    assert (first["event"], first["user_id"]) == ("signed_up", user_id)
    assert first["session_id"] is not None
    assert second == {
        **second,
        "event": "signed_in",
        "user_id": user_id,
        "actor": "user",
        "actor_id": user_id,
        "reason": None,
        "details": {"method": "password"},
        "ip_address": "203.0.113.9",
        "user_agent": "Firefox",
        "request_id": request_id(signed_in),
        "count": 1,
    }
    assert (third["event"], third["request_id"]) == ("signed_out", request_id(out))
    assert third["session_id"] == second["session_id"]


async def test_wrong_password_is_told_with_the_code_and_the_user(database: Database) -> None:
    service = await serve(database)
    user_id = (await service.sign_up()).json()["user"]["id"]
    await service.sign_in(password="wrong")
    await service.sign_in("nobody@example.com")
    _, known, unknown = await read_events(database)
    assert known["event"] == unknown["event"] == "sign_in_failed"
    assert known["reason"] == unknown["reason"] == "INVALID_EMAIL_OR_PASSWORD"
    assert (known["user_id"], unknown["user_id"]) == (user_id, None)


async def test_sign_in_that_is_rolled_back_leaves_no_event(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(database)

    def fail(*_: object) -> NoReturn:
        raise RuntimeError

    monkeypatch.setattr(DatabaseSessions, "list_rows", fail)
    assert (await service.sign_up()).status == 500
    assert await list_names(database) == []


async def test_event_that_cannot_be_written_undoes_what_it_tells(database: Database) -> None:
    service = await serve(database)
    await service.execute("ALTER TABLE better_auth_audit RENAME TO elsewhere")
    assert (await service.sign_up()).status == 500
    await service.execute("ALTER TABLE elsewhere RENAME TO better_auth_audit")
    assert await list_names(database) == []
    assert (await service.sign_up()).status == 200


async def test_revoked_sessions_are_told(database: Database) -> None:
    service = await serve(database)
    await service.sign_up()
    signed_in = await service.sign_in()
    await service.post("/revoke-other-sessions", {}, browser(signed_in))
    await service.post("/revoke-session", {"token": "unknown"}, browser(signed_in))
    await service.post("/revoke-session", {"token": signed_in.json()["token"]}, browser(signed_in))
    told = await read_events(database)
    assert [row["event"] for row in told[2:]] == ["sessions_revoked", "session_revoked"]
    assert told[2]["details"] == {"count": 1}


async def test_sessions_that_are_only_in_redis_are_told(
    sqlite_database: Database, storage: RedisStorage
) -> None:
    service = await serve(sqlite_database, storage=storage)
    await service.sign_up()
    signed_in = await service.sign_in()
    await service.post("/revoke-other-sessions", {}, browser(signed_in))
    await service.post("/sign-out", {}, bearer(signed_in.json()["token"]))
    assert await list_names(sqlite_database) == [
        "signed_up",
        "signed_in",
        "sessions_revoked",
        "signed_out",
    ]


async def test_audit_may_be_off(database: Database) -> None:
    service = await serve(database, audit=False)
    await service.sign_up()
    await service.sign_in(password="wrong")
    assert await list_names(database) == []


async def test_adopted_database_has_none_unless_a_setting_says_so(
    sqlite_database: Database,
) -> None:
    adopted = replace(await inspect(sqlite_database, DEFAULTS), adopted=True)
    service: Service = await serve(sqlite_database, schema=adopted)
    await service.sign_up()
    assert await list_names(sqlite_database) == []
    service = await serve(sqlite_database, schema=adopted, audit=True)
    await service.sign_in()
    assert await list_names(sqlite_database) == ["signed_in"]
