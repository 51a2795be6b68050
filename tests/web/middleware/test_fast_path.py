"""The fast path: endpoints that are often asked are answered without Litestar."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.auth.sessions.database_store import DatabaseSessions
from app.auth.sessions.routes import GET_SESSION
from app.models.errors import StoreUnavailable
from app.plugins.jwt.routes import TOKEN
from app.settings.options import CookieCacheOptions, SessionOptions
from app.storage.database import Database
from tests.support.asgi import Answer, Header
from tests.support.service import Service, bearer, browser, from_now, serve
from tests.support.tables import users

pytestmark = pytest.mark.anyio

ENDPOINTS = {each.path: each for each in (GET_SESSION, TOKEN)}
PATHS = pytest.mark.parametrize("path", ENDPOINTS)
MOVING = {"expiresAt", "updatedAt", "token"}
UNEQUAL = {"x-request-id", "set-auth-jwt", "content-length"}
POLICIES = [SessionOptions(), SessionOptions(cookie_cache=CookieCacheOptions(enabled=True))]


async def nobody(service: Service) -> list[Header]:
    return []


async def ada(service: Service) -> list[Header]:
    return browser(await service.sign_up())


async def ada_with_a_bearer(service: Service) -> list[Header]:
    return bearer((await service.sign_up()).json()["token"])


async def ada_who_signed_out(service: Service) -> list[Header]:
    kept = await ada(service)
    await service.execute("DELETE FROM session")
    return kept


async def ada_whose_session_is_due(service: Service) -> list[Header]:
    kept = await ada(service)
    await service.execute(f"""UPDATE session SET "expiresAt" = '{from_now(hours=1)}'""")
    return kept


async def forger(service: Service) -> list[Header]:
    return [("cookie", "better-auth.session_token=forged.c2ln")]


def told(answer: Answer) -> tuple[int, list[Header], object]:
    same = sorted(
        (n, "" if n == "set-cookie" else v) for n, v in answer.headers if n not in UNEQUAL
    )
    return answer.status, same, _without_moments(answer.json())


def _without_moments(body: Any) -> object:
    if not isinstance(body, dict):
        return body
    return {k: _without_moments(v) for k, v in body.items() if k not in MOVING}


@PATHS
@pytest.mark.parametrize("policy", POLICIES, ids=["plain", "cached"])
@pytest.mark.parametrize(
    "caller",
    [nobody, ada, ada_with_a_bearer, ada_who_signed_out, ada_whose_session_is_due, forger],
)
async def test_answer_is_the_one_that_litestar_sends(
    sqlite_database: Database,
    caller: Callable[[Service], Awaitable[list[Header]]],
    path: str,
    policy: SessionOptions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = await serve(sqlite_database, session=policy)
    headers = await caller(service)
    with monkeypatch.context() as slow:
        slow.setitem(ENDPOINTS[path].__dict__, "is_often_asked", False)
        of_litestar = told(await service.get(path, headers))
    if caller is ada_whose_session_is_due:  # whoever comes first renews it
        await service.execute(f"""UPDATE session SET "expiresAt" = '{from_now(hours=1)}'""")
    direct = told(await service.get(path, headers))
    assert direct == of_litestar


@PATHS
async def test_store_that_is_away_is_503(
    sqlite_database: Database, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await serve(sqlite_database)
    headers = await ada(service)

    async def away(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(DatabaseSessions, "find", away)
    answer = await service.get(path, headers)
    assert (answer.status, answer.header("pragma")) == (503, None)


async def test_switch_in_the_query_is_heard(sqlite_database: Database) -> None:
    service = await serve(sqlite_database)
    headers = await ada_whose_session_is_due(service)
    kept = await service.get("/get-session?disableRefresh=true", headers)
    assert kept.header("set-cookie") is None
    assert (await service.get("/get-session", headers)).header("set-cookie") is not None


async def test_user_of_the_answer_is_the_row(sqlite_database: Database) -> None:
    service = await serve(sqlite_database)
    headers = await ada(service)
    assert (await service.get("/get-session", headers)).json()["user"]["name"] == "Ada"
    await service.alter(users, name="Lovelace")
    assert (await service.get("/get-session", headers)).json()["user"]["name"] == "Lovelace"
