"""The endpoints that are asked most: they read the store anew, and say when it is away."""

import pytest

from app.auth.sessions.database_store import DatabaseSessions
from app.auth.sessions.routes import GET_SESSION
from app.models.errors import StoreUnavailable
from app.plugins.jwt.routes import TOKEN
from app.storage.database import Database
from tests.support.asgi import Header
from tests.support.service import Service, browser, from_now, serve
from tests.support.tables import users

pytestmark = pytest.mark.anyio

ENDPOINTS = {each.path: each for each in (GET_SESSION, TOKEN)}
PATHS = pytest.mark.parametrize("path", ENDPOINTS)


async def ada(service: Service) -> list[Header]:
    return browser(await service.sign_up())


async def ada_whose_session_is_due(service: Service) -> list[Header]:
    kept = await ada(service)
    await service.execute(f"""UPDATE session SET "expiresAt" = '{from_now(hours=1)}'""")
    return kept


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
