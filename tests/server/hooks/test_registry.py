"""Functions that are registered run where their hook says, async or plain, and refuse or fail."""

import asyncio
import threading
import time
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app import (
    HookRefusal,
    HookRegistry,
    PendingSession,
    PendingUser,
    RequestContext,
    User,
    UserChange,
)
from app.server.hooks import calls
from app.settings.options import EmailAndPasswordOptions
from app.storage.database import Database
from tests.support.logged import Lines
from tests.support.service import browser, serve
from tests.support.tables import sessions, users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]


@pytest.fixture
def hooks() -> HookRegistry:
    return HookRegistry()


async def test_async_function_changes_a_user_before_it_is_made(
    database: Database, hooks: HookRegistry
) -> None:
    @hooks.before_user_created
    async def shout(new: PendingUser) -> dict[str, object]:
        return {"name": new.name.upper()}

    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).json()["user"]["name"] == "ADA"


async def test_plain_function_runs_in_a_thread_with_the_same_effect(
    database: Database, hooks: HookRegistry
) -> None:
    threads: list[threading.Thread] = []

    @hooks.before_user_created
    def shout(new: PendingUser) -> dict[str, object]:
        threads.append(threading.current_thread())
        return {"name": new.name.upper()}

    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).json()["user"]["name"] == "ADA"
    assert threads[0] is not threading.main_thread()


async def test_functions_of_one_hook_run_in_order_and_see_what_the_last_one_changed(
    database: Database, hooks: HookRegistry
) -> None:
    hooks.before_user_created(lambda new: {"name": f"{new.name}1"})
    hooks.before_user_created(lambda new: {"name": f"{new.name}2"})
    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).json()["user"]["name"] == "Ada12"


async def test_refusal_has_the_code_message_and_status_of_the_function(
    database: Database, hooks: HookRegistry
) -> None:
    @hooks.before_user_created
    async def admit(new: PendingUser) -> None:
        if not new.email.endswith("@acme.com"):
            raise HookRefusal("COMPANY_ONLY", "Use your company's address", status=422)

    service = await serve(database, hooks=hooks)
    answer = await service.sign_up("ada@example.com")
    assert (answer.status, answer.json()) == (
        422,
        {"message": "Use your company's address", "code": "COMPANY_ONLY"},
    )
    assert (await service.sign_up("ada@acme.com")).status == 200


async def test_validate_user_info_runs_before_the_user_changes(
    database: Database, hooks: HookRegistry
) -> None:
    seen: list[str] = []
    hooks.before_user_created(lambda new: {"name": f"{new.name}!"})

    @hooks.validate_user_info
    def look(new: PendingUser) -> None:
        assert new.request is not None
        seen.append(f"{new.name} {new.request.path}")

    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).status == 200
    assert seen == ["Ada /sign-up/email"]


async def test_result_that_is_not_a_mapping_fails_the_request(
    database: Database, hooks: HookRegistry, log: Lines
) -> None:
    hooks.before_user_created(lambda _: False)  # type: ignore[type-var]
    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).status == 500
    (line,) = [each for each in log() if each.get("message") == "hook failed"]
    assert line["fault"] == "returned bool, not a mapping or None"


async def test_stop_iteration_of_a_thread_fails_the_request(
    database: Database, hooks: HookRegistry
) -> None:
    hooks.before_user_created(lambda _: next(iter([])))
    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).status == 500


@pytest.mark.parametrize("is_async", [True, False])
async def test_function_that_takes_long_is_logged_while_it_runs_and_at_its_end(
    database: Database,
    hooks: HookRegistry,
    is_async: bool,
    log: Lines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calls, "LONG", 0.05)

    async def wait(_: PendingUser) -> None:
        await asyncio.sleep(0.15)

    hooks.before_user_created(wait if is_async else lambda _: time.sleep(0.15))
    service = await serve(database, hooks=hooks)
    await service.sign_up()
    lines = [each for each in log() if each.get("message") == "hook takes long"]
    assert [line["hook"] for line in lines] == ["before_user_created"] * 2
    assert 0.05 <= lines[0]["seconds"] < lines[1]["seconds"]


async def test_function_after_the_commit_fails_alone(
    database: Database, hooks: HookRegistry, log: Lines
) -> None:
    ran: list[str] = []

    @hooks.after_user_created
    async def fail(_user: User, _request: RequestContext | None) -> None:
        raise KeyError("bug")

    @hooks.after_user_created
    def note(user: User, request: RequestContext | None) -> None:
        assert request is not None
        ran.append(f"{user.email} {request.client.ip}")

    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).status == 200
    assert ran == ["ada@example.com 127.0.0.1"]
    failed = [each["message"] for each in log() if "hook" in each.get("message", "")]
    assert failed[0] == "hook failed"
    assert failed[1].startswith("the hook after_user_created (")


async def test_change_of_a_user_is_changed_and_refused(
    database: Database, hooks: HookRegistry
) -> None:
    @hooks.before_user_updated
    async def change(change: UserChange) -> dict[str, object]:
        if change.values.get("name") == "root":
            raise HookRefusal("NO_ROOT", "That name is taken", status=409)
        return {"name": f"{change.user.name}, now {change.values['name']}"}

    service = await serve(database, hooks=hooks)
    ada = browser(await service.sign_up())
    assert (await service.post("/update-user", {"name": "root"}, ada)).status == 409
    assert (await service.post("/update-user", {"name": "Bo"}, ada)).status == 200
    (user,) = await service.rows(users)
    assert user["name"] == "Ada, now Bo"


async def test_session_is_refused_after_the_password_and_before_it_begins(
    database: Database, hooks: HookRegistry
) -> None:
    @hooks.before_session_created
    async def refuse(pending: PendingSession) -> None:
        raise HookRefusal("NOT_TODAY", f"{pending.user.name} does not work today", status=403)

    options = EmailAndPasswordOptions(auto_sign_in=False)
    service = await serve(database, hooks=hooks, email_and_password=options)
    assert (await service.sign_up()).status == 200
    answer = await service.sign_in()
    assert (answer.status, answer.json()["message"]) == (403, "Ada does not work today")
    assert await service.rows(sessions) == []


async def test_late_registration_is_an_error(database: Database, hooks: HookRegistry) -> None:
    await serve(database, hooks=hooks)
    with pytest.raises(RuntimeError, match="user_created: register hooks before the service"):
        hooks.user_created(_ignore)


def test_what_cannot_be_called_is_refused_at_once(hooks: HookRegistry) -> None:
    wrong: Any = "my_function"
    with pytest.raises(TypeError, match="user_created needs a function, not 'my_function'"):
        hooks.user_created(wrong)


def test_refusal_with_the_status_of_a_success_is_an_error() -> None:
    with pytest.raises(ValueError, match="400 to 599"):
        HookRefusal("OK", "fine", status=200)


def test_a_decorator_returns_its_function(hooks: HookRegistry) -> None:
    assert hooks.user_created(_ignore) is _ignore


async def _ignore(_user: User, _tx: AsyncConnection) -> None:
    pass


async def _cancel_itself() -> None:
    other = asyncio.ensure_future(asyncio.sleep(10))
    other.cancel()
    await other


@pytest.mark.parametrize("is_async", [True, False])
async def test_task_of_a_function_that_was_cancelled_fails_the_request(
    database: Database, hooks: HookRegistry, log: Lines, is_async: bool
) -> None:
    async def check(_: PendingUser) -> None:
        await _cancel_itself()

    if is_async:
        hooks.validate_user_info(check)
    else:
        hooks.validate_user_info(lambda _: asyncio.run(_cancel_itself()))
    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).status == 500
    (line,) = [each for each in log() if each.get("message") == "hook failed"]
    assert line["fault"] == "raised CancelledError"


def test_function_with_yield_is_refused(hooks: HookRegistry) -> None:
    def label(_user: User, _tx: AsyncConnection) -> Any:
        yield

    async def label_async(_user: User, _tx: AsyncConnection) -> Any:
        yield

    for function in (label, label_async):
        with pytest.raises(TypeError, match="user_created needs a function without yield"):
            hooks.user_created(function)
