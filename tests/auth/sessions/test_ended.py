"""Sessions that end are lines of the log, whatever keeps them; what ended nothing is none."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from msgspec import Struct

from app.settings.options import (
    DeleteUserOptions,
    EmailAndPasswordOptions,
    SessionOptions,
    UserOptions,
)
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.support.asgi import Answer
from tests.support.logged import Lines
from tests.support.service import EMAIL, PASSWORD, Service, bearer, browser, from_now, serve
from tests.support.smtp import Outgoing
from tests.support.tables import sessions

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

PRESERVED = SessionOptions(store_session_in_database=True, preserve_session_in_database=True)
PLACES = {
    "database": SessionOptions(),
    "redis": SessionOptions(),
    "both": SessionOptions(store_session_in_database=True),
    "preserved": PRESERVED,
}
NEW = "another-password"


class Scene(Struct, frozen=True):
    service: Service
    outgoing: Outgoing
    ada: Answer
    log: Lines

    @property
    def user_id(self) -> str:
        return str(self.ada.json()["user"]["id"])

    async def session_id(self) -> str:
        current = await self.service.get("/get-session", browser(self.ada))
        return str(current.json()["session"]["id"])

    def lines(self) -> list[dict[str, Any]]:
        """Those about sessions, without what every line has."""
        common = ("time", "level", "request_id", "logger")
        found = [line for line in self.log() if line.get("logger") == "better_auth.sessions"]
        return [{k: v for k, v in line.items() if k not in common} for line in found]

    def all_ended(self, why: str, count: int = 1) -> dict[str, Any]:
        return {"message": "sessions ended", "user": self.user_id, "count": count, "why": why}


@pytest.fixture(params=PLACES)
async def scene(
    request: pytest.FixtureRequest, database: Database, log: Lines
) -> AsyncIterator[Scene]:
    """Ada is signed in; her session is in each of the places in turn."""
    place, outgoing = request.param, Outgoing()
    storage = None
    if place != "database":
        storage = RedisStorage.open(request.getfixturevalue("redis_url"))
    service = await serve(
        database,
        storage=storage,
        mailer=outgoing,
        session=PLACES[place],
        email_and_password=EmailAndPasswordOptions(revoke_sessions_on_password_reset=True),
        user=UserOptions(delete_user=DeleteUserOptions(enabled=True)),
    )
    yield Scene(service, outgoing, await service.sign_up(), log)
    if storage is not None:
        await storage.close()


async def test_sign_out(scene: Scene) -> None:
    session = await scene.session_id()
    for _ in range(2):
        await scene.service.post("/sign-out", {}, browser(scene.ada))
    ended = {"user": scene.user_id, "session": session, "why": "sign-out"}
    assert scene.lines() == [{"message": "session ended", **ended}]


async def test_one_that_is_revoked(scene: Scene) -> None:
    session = await scene.session_id()
    ada = bearer((await scene.service.sign_in()).json()["token"])
    eve = browser(await scene.service.sign_up("eve@example.com"))
    wish = {"token": scene.ada.json()["token"]}
    await scene.service.post("/revoke-session", wish, eve)
    for _ in range(2):
        await scene.service.post("/revoke-session", wish, ada)
    ended = {"user": scene.user_id, "session": session, "why": "revoked"}
    assert scene.lines() == [{"message": "session ended", **ended}]


@pytest.mark.engines("sqlite", "postgres")
async def test_all_others_and_all(scene: Scene) -> None:
    for _ in range(2):
        await scene.service.sign_in()
    for path in ("/revoke-other-sessions", "/revoke-other-sessions", "/revoke-sessions"):
        await scene.service.post(path, {}, browser(scene.ada))
    assert scene.lines() == [scene.all_ended("revoked", 2), scene.all_ended("revoked")]


async def test_change_of_the_password(scene: Scene) -> None:
    wish = {"currentPassword": PASSWORD, "newPassword": NEW, "revokeOtherSessions": True}
    await scene.service.post("/change-password", wish, browser(scene.ada))
    assert scene.lines() == [scene.all_ended("password changed")]


async def test_reset_of_the_password(scene: Scene) -> None:
    await scene.service.post("/request-password-reset", {"email": EMAIL})
    token = urlsplit(scene.outgoing.link()).path.rpartition("/")[2]
    for _ in range(2):
        await scene.service.post("/reset-password", {"newPassword": NEW, "token": token})
    assert scene.lines() == [scene.all_ended("password reset")]


async def test_user_who_is_deleted(scene: Scene) -> None:
    await scene.service.post("/delete-user", {"password": PASSWORD}, browser(scene.ada))
    assert scene.lines() == [scene.all_ended("user deleted")]


async def test_one_that_has_expired(sqlite_database: Database, log: Lines) -> None:
    service = await serve(sqlite_database)
    scene = Scene(service, Outgoing(), await service.sign_up(), log)
    session = await scene.session_id()
    await service.alter(sessions, expiresAt=from_now(seconds=-1))
    for _ in range(2):
        await service.get("/get-session", browser(scene.ada))
    ended = {"user": scene.user_id, "session": session, "why": "expired"}
    assert scene.lines() == [{"message": "session ended", **ended}]
