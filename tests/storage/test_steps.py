"""Steps of a transaction that is known before it begins: joined, or one by one around a hook."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.errors import Refusal
from app.storage.database import Database
from app.storage.steps import Call, Check, Row
from tests.support.rows import MOMENT, add_user
from tests.support.statements import one_by_one, watching
from tests.support.tables import sessions, users

pytestmark = pytest.mark.anyio

ADD = insert(sessions)
IS_THERE = select(users.c.id).where(users.c.id == bindparam("user_id")).with_for_update(read=True)
IS_NAMED = (
    select(users.c.id)
    .where(users.c.id == bindparam("user_id"), users.c.name == bindparam("name"))
    .with_for_update(read=True)
)

WAITING = text(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class Missing(Refusal):
    status, code, message = 404, "MISSING", "Missing"


class Taken(Refusal):
    status, code, message = 409, "TAKEN", "Taken"


def session(token: str, **fields: object) -> Row:
    values = {
        "id": f"id-of-{token}",
        "token": token,
        "expiresAt": MOMENT,
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
        "ipAddress": None,
        "userAgent": "Firefox",
        "userId": "ada",
    }
    return Row(ADD, values | fields)


def require(user_id: str) -> Check:
    return Check(IS_THERE, {"user_id": user_id}, Missing)


def forbid(user_id: str) -> Check:
    return Check(IS_THERE, {"user_id": user_id}, Taken, unless=True)


async def tokens(database: Database) -> list[str]:
    found = await database.read_all(select(sessions.c.token).order_by(sessions.c.token))
    return [row.token for row in found]


@pytest.fixture(params=["joined", "one by one"])
async def ready(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Database]:
    """With a user, on both ways."""
    await add_user(database, "ada")
    with nullcontext() if request.param == "joined" else one_by_one():
        yield database


async def test_all_rows_are_written_if_all_checks_pass(ready: Database) -> None:
    await ready.write([require("ada"), forbid("bob"), session("t1"), session("t2")])
    assert await tokens(ready) == ["t1", "t2"]


async def test_values_are_stored_as_elsewhere(ready: Database) -> None:
    await ready.write([session("t1", userAgent="Ada's \N{SNOWMAN} '; --")])
    (row,) = await ready.read_all(select(sessions))
    assert (row.createdAt, row.ipAddress) == (MOMENT, None)
    assert row.userAgent == "Ada's \N{SNOWMAN} '; --"


async def test_row_that_was_stored_is_received(ready: Database) -> None:
    found: list[Sequence[object]] = []
    add = insert(sessions).returning(sessions.c.token, sessions.c.createdAt, sessions.c.ipAddress)
    first, second = (
        Row(add, session(token).values, lambda row: found.append(tuple(row)))
        for token in ("t1", "t2")
    )
    await ready.write([require("ada"), first, session("t3"), second])
    assert found == [("t1", MOMENT, None), ("t2", MOMENT, None)]
    assert await tokens(ready) == ["t1", "t2", "t3"]


async def test_nothing_is_received_where_a_check_refuses(ready: Database) -> None:
    found: list[Sequence[object]] = []
    add = insert(sessions).returning(sessions.c.token)
    row = Row(add, session("t1").values, found.append)
    with pytest.raises(Missing):
        await ready.write([require("bob"), row])
    assert found == []


async def test_rows_may_refer_to_each_other(ready: Database) -> None:
    eve = {
        "id": "eve",
        "name": "Eve",
        "email": "eve@example.com",
        "emailVerified": False,
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
    }
    await ready.write([Row(insert(users), eve), session("t1", userId="eve")])
    assert await tokens(ready) == ["t1"]


@pytest.mark.parametrize(
    ("checks", "refusal"),
    [
        ([require("bob")], Missing),
        ([forbid("ada")], Taken),
        ([require("ada"), require("bob")], Missing),
        ([require("bob"), forbid("ada")], Missing),
        ([forbid("ada"), require("bob")], Taken),
    ],
)
async def test_first_check_that_fails_refuses_everything(
    ready: Database, checks: Sequence[Check], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await ready.write([*checks, session("t1")])
    assert await tokens(ready) == []
    await ready.write([session("t2")])
    assert await tokens(ready) == ["t2"]


async def test_row_that_the_database_refuses_takes_the_others_along(ready: Database) -> None:
    with pytest.raises(IntegrityError):
        await ready.write([session("t1"), session("t2", userId="nobody")])
    assert await tokens(ready) == []
    await ready.write([session("t3")])
    assert await tokens(ready) == ["t3"]


async def test_value_that_cannot_be_sent_is_an_error_of_the_statement(ready: Database) -> None:
    with pytest.raises(StatementError):
        await ready.write([session("t1"), session("t2", userAgent=object())])
    assert await tokens(ready) == []


async def test_hook_runs_in_order_and_in_the_transaction(ready: Database) -> None:
    seen: list[int] = []

    async def look(tx: AsyncConnection) -> None:
        seen.append(len((await tx.execute(select(sessions.c.id))).all()))

    await ready.write([Call(look), session("t1"), Call(look), session("t2"), Call(look)])
    assert seen == [0, 1, 2]


async def test_hook_that_refuses_undoes_what_was_written(ready: Database) -> None:
    async def refuse(_: AsyncConnection) -> None:
        raise Taken

    with pytest.raises(Taken):
        await ready.write([session("t1"), Call(refuse)])
    assert await tokens(ready) == []


async def test_many_write_at_the_same_time(ready: Database) -> None:
    names = [f"t{number:02}" for number in range(20)]
    await asyncio.gather(*(ready.write([require("ada"), session(name)]) for name in names))
    assert await tokens(ready) == names


async def test_steps_without_a_hook_do_not_go_through_sqlalchemy(database: Database) -> None:
    await add_user(database, "ada")
    with watching() as seen:
        await database.write([require("ada"), session("t1")])
    assert seen == []
    assert await tokens(database) == ["t1"]


@pytest.mark.parametrize(("name", "refused"), [("Ada", False), ("Eve", True)])
async def test_check_waits_for_who_changes_its_row(
    postgres_database: Database, name: str, *, refused: bool
) -> None:
    await add_user(postgres_database, "ada")
    check = Check(IS_NAMED, {"user_id": "ada", "name": "Ada"}, Missing)
    async with postgres_database.begin() as tx:
        await tx.execute(update(users).values(name=name))
        writing = asyncio.create_task(postgres_database.write([check, session("t1")]))
        while not await postgres_database.read_all(WAITING):  # noqa: ASYNC110 - of the server
            await asyncio.sleep(0.01)
    with pytest.raises(Missing) if refused else nullcontext():
        await writing
    assert await tokens(postgres_database) == ([] if refused else ["t1"])


async def test_joined_steps_have_the_locks_of_their_checks(postgres_database: Database) -> None:
    """A row that a check has found does not change until the rows are written."""
    await add_user(postgres_database, "ada")
    await add_user(postgres_database, "bob")
    async with postgres_database.begin() as tx:
        await tx.execute(select(users.c.id).where(users.c.id == "bob").with_for_update())
        steps = (require("ada"), session("t1", userId="bob"))
        writing = asyncio.create_task(postgres_database.write(steps))
        while not await postgres_database.read_all(WAITING):  # noqa: ASYNC110 - of the server
            await asyncio.sleep(0.01)
        with pytest.raises(DBAPIError, match="could not obtain lock"):
            await tx.execute(select(users.c.id).with_for_update(nowait=True))
        await tx.rollback()
        await writing
    assert await tokens(postgres_database) == ["t1"]
