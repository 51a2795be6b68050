"""What functions write in the transaction of a user is there exactly when the user is."""

import asyncio
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app import HookConnection, HookRegistry, User
from app.storage.database import Database
from tests.support.logged import Lines
from tests.support.service import serve
from tests.support.tables import accounts, sessions, users

pytestmark = pytest.mark.anyio
_LABELS = "CREATE TABLE labels (user_id TEXT NOT NULL UNIQUE, label TEXT)"
_ADD = text("INSERT INTO labels VALUES (:id, :label)")


@pytest.fixture
def hooks() -> HookRegistry:
    return HookRegistry()


async def _make_labels(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute(text(_LABELS))


async def _labels(database: Database) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await database.read_all(text("SELECT * FROM labels"))]


async def test_both_kinds_of_function_write_in_the_transaction_of_the_user(
    database: Database, hooks: HookRegistry
) -> None:
    await _make_labels(database)

    @hooks.user_created
    async def label(user: User, tx: AsyncConnection) -> None:
        await tx.execute(_ADD, {"id": user.id, "label": "async"})

    @hooks.user_created
    def label_in_thread(user: User, tx: HookConnection) -> None:
        found = tx.execute(text("SELECT label FROM labels WHERE user_id = :id"), {"id": user.id})
        tx.execute(_ADD, {"id": f"{user.id}2", "label": f"after {found.scalar_one()}"})

    service = await serve(database, hooks=hooks)
    user_id = (await service.sign_up()).json()["user"]["id"]
    assert await _labels(database) == [(user_id, "async"), (f"{user_id}2", "after async")]


@pytest.mark.parametrize("is_async", [True, False])
async def test_nothing_is_written_if_a_function_in_the_transaction_raises(
    database: Database, hooks: HookRegistry, is_async: bool, log: Lines
) -> None:
    await _make_labels(database)

    async def fail(user: User, tx: AsyncConnection) -> None:
        await tx.execute(_ADD, {"id": user.id, "label": "x"})
        raise KeyError("bug")

    def fail_in_thread(user: User, tx: HookConnection) -> None:
        tx.execute(_ADD, {"id": user.id, "label": "x"})
        raise KeyError("bug")

    if is_async:
        hooks.user_created(fail)
    else:
        hooks.user_created(fail_in_thread)
    service = await serve(database, hooks=hooks)
    answer = await service.sign_up()
    assert (answer.status, answer.json()["code"]) == (500, "INTERNAL_SERVER_ERROR")
    for table in (users, accounts, sessions):
        assert await service.rows(table) == []
    assert await _labels(database) == []
    (line,) = [each for each in log() if each.get("message") == "hook failed"]
    assert line["hook"] == "user_created"
    assert line["function"].startswith(__name__)
    assert line["fault"] == "raised KeyError"


async def test_refused_value_of_a_function_is_not_a_refusal_of_the_service(
    database: Database, hooks: HookRegistry
) -> None:
    await _make_labels(database)

    @hooks.user_created
    async def label(_user: User, tx: AsyncConnection) -> None:
        await tx.execute(_ADD, {"id": "same", "label": None})
        await tx.execute(_ADD, {"id": "same", "label": None})

    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).status == 500
    assert await _labels(database) == []


async def test_thread_cannot_use_the_connection_after_its_request_was_cancelled(
    database: Database, hooks: HookRegistry
) -> None:
    await _make_labels(database)
    entered, leave, left = asyncio.Event(), threading.Event(), threading.Event()
    loop, said = asyncio.get_running_loop(), list[str]()

    @hooks.user_created
    def label(user: User, tx: HookConnection) -> None:
        loop.call_soon_threadsafe(entered.set)
        leave.wait(10)
        try:
            tx.execute(_ADD, {"id": user.id, "label": "late"})
        except RuntimeError as fault:
            said.append(str(fault))
        left.set()

    service = await serve(database, hooks=hooks)
    request = asyncio.create_task(service.sign_up())
    await entered.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    leave.set()
    await asyncio.to_thread(left.wait, 10)
    assert "transaction of this hook is over" in said[0]
    assert await _labels(database) == []
    assert await service.rows(users) == []


@pytest.mark.engines("sqlite")  # PostgreSQL refuses all that follows an error
async def test_error_of_a_statement_is_raised_in_the_thread_which_may_go_on(
    database: Database, hooks: HookRegistry
) -> None:
    await _make_labels(database)

    @hooks.user_created
    def label(user: User, tx: HookConnection) -> None:
        with pytest.raises(Exception, match="no such table"):
            tx.execute(text("SELECT * FROM nowhere"))
        tx.execute(_ADD, {"id": user.id, "label": "x"})

    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).status == 200
    assert len(await _labels(database)) == 1


async def test_coroutine_of_a_plain_function_does_not_stop_the_event_loop(
    database: Database, hooks: HookRegistry
) -> None:
    said: list[str] = []

    async def label(tx: AsyncConnection) -> None:
        try:
            await tx.execute(text("SELECT 1"))
        except RuntimeError as fault:
            said.append(str(fault))
            raise

    hooks.user_created(lambda _user, tx: label(tx))
    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).status == 500
    assert said == ["the hook is a plain function that returns a coroutine: write it as async def"]
    assert await service.rows(users) == []
