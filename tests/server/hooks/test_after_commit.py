"""Functions that run after the commit: apart from the request, and only if there was a commit."""

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app import HookConnection, HookRefusal, HookRegistry, Session, UpdatedUser, User
from app.settings.options import DeleteUserOptions, UserOptions
from app.storage.database import Database
from tests.support.logged import Lines
from tests.support.service import PASSWORD, browser, serve
from tests.support.tables import sessions, users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]
DELETION = UserOptions(delete_user=DeleteUserOptions(enabled=True))


@pytest.fixture
def hooks() -> HookRegistry:
    return HookRegistry()


async def test_each_function_runs_once_with_what_happened(
    database: Database, hooks: HookRegistry
) -> None:
    said: list[str] = []

    @hooks.after_session_created
    async def began(session: Session, user: User) -> None:
        said.append(f"session of {user.name}: {session.user_id == user.id}")

    @hooks.after_user_updated
    def updated(change: UpdatedUser) -> None:
        said.append(f"now {change.user.name} by {sorted(change.values)}")

    @hooks.after_session_deleted
    def ended(session: Session) -> None:
        said.append(f"over: {len(session.token)}")

    @hooks.after_user_deleted
    async def deleted(user: User) -> None:
        said.append(f"no {user.name}")

    service = await serve(database, hooks=hooks, user=DELETION)
    ada = browser(await service.sign_up())
    await service.post("/update-user", {"name": "Bo"}, ada)
    await service.post("/sign-out", {}, ada)
    ada = browser(await service.sign_in())
    await service.post("/delete-user", {"password": PASSWORD}, ada)
    first = ["session of Ada: True", "now Bo by ['name']", "over: 32", "session of Bo: True"]
    assert said[:-2] == first
    assert sorted(said[-2:]) == ["no Bo", "over: 32"]


async def test_nothing_runs_if_another_function_refuses_the_transaction(
    database: Database, hooks: HookRegistry
) -> None:
    said: list[str] = []
    hooks.after_session_created(lambda _session, user: said.append(user.name))

    @hooks.session_created
    async def refuse(session: Session, user: User, tx: AsyncConnection) -> None:
        raise HookRefusal("NOT_YET", "Wait", status=403)

    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).status == 403
    assert said == []
    assert await service.rows(users) == []


async def test_error_is_logged_and_changes_nothing(
    database: Database, hooks: HookRegistry, log: Lines
) -> None:
    @hooks.after_user_updated
    async def fail(_: UpdatedUser) -> None:
        raise KeyError("bug")

    service = await serve(database, hooks=hooks)
    ada = browser(await service.sign_up())
    assert (await service.post("/update-user", {"name": "Bo"}, ada)).status == 200
    assert [user["name"] for user in await service.rows(users)] == ["Bo"]
    (line,) = [each for each in log() if each.get("message") == "hook failed"]
    assert line["hook"] == "after_user_updated"


async def test_deletion_is_refused_by_a_function_in_its_transaction(
    database: Database, hooks: HookRegistry
) -> None:
    @hooks.user_deleted
    def refuse(user: User, tx: HookConnection) -> None:
        raise HookRefusal("HAS_INVOICES", f"{user.name} has open invoices", status=409)

    service = await serve(database, hooks=hooks, user=DELETION)
    ada = browser(await service.sign_up())
    answer = await service.post("/delete-user", {"password": PASSWORD}, ada)
    assert (answer.status, answer.json()["code"]) == (409, "HAS_INVOICES")
    assert len(await service.rows(users)) == len(await service.rows(sessions)) == 1
