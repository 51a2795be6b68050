"""Joined steps of a transaction that fail for another reason than a check."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text

from app.models.errors import StoreUnavailable
from app.storage.database import Database, open_database
from app.storage.sqlite import database as sqlite
from app.storage.steps import Row
from tests.storage.test_steps import WAITING, require, session, tokens
from tests.support.rows import add_user
from tests.support.tables import sessions, users

pytestmark = pytest.mark.anyio

END_WAITING = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def test_file_that_is_locked_is_an_outage_after_one_wait(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.3)
    database = await open_database(sqlite_url)
    await add_user(database, "ada")
    path = sqlite_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await database.write([session("t1")])
        assert 0.2 < time.monotonic() - began < 0.55
    await database.write([session("t2")])
    assert await tokens(database) == ["t2"]
    await database.close()


async def test_connection_that_is_lost_is_an_outage_and_the_next_is_fresh(
    postgres_database: Database,
) -> None:
    await add_user(postgres_database, "ada")
    async with postgres_database.begin() as tx:
        await tx.execute(select(users.c.id).with_for_update())
        writing = asyncio.create_task(postgres_database.write([require("ada"), session("t1")]))
        while not await postgres_database.read_all(WAITING):  # noqa: ASYNC110 - of the server
            await asyncio.sleep(0.01)
        await postgres_database.read_all(END_WAITING)
        with pytest.raises(StoreUnavailable):
            await writing
    await postgres_database.write([require("ada"), session("t2")])
    assert await tokens(postgres_database) == ["t2"]


async def test_row_is_received_once_though_the_first_commit_fails(
    sqlite_database: Database,
) -> None:
    assert isinstance(sqlite_database, sqlite.SqliteDatabase)
    answers = iter([sqlite3.SQLITE_DENY])

    def authorize(_action: int, word: str | None, *_: object) -> int:
        return next(answers, sqlite3.SQLITE_OK) if word == "COMMIT" else sqlite3.SQLITE_OK

    await add_user(sqlite_database, "ada")
    async with sqlite_database._writer.reserve() as connection:
        await connection.call(lambda driver: driver.set_authorizer(authorize))
    found: list[Sequence[object]] = []
    add = insert(sessions).returning(sessions.c.token)
    await sqlite_database.write([Row(add, session("t1").values, found.append)])
    assert found == [("t1",)]
    assert await tokens(sqlite_database) == ["t1"]


async def test_write_is_not_run_again_if_its_row_cannot_be_received(database: Database) -> None:
    received: list[Sequence[object]] = []

    def refuse(row: Sequence[object]) -> None:
        received.append(row)
        raise ValueError

    await add_user(database, "ada")
    add = insert(sessions).returning(sessions.c.token)
    with pytest.raises(ValueError):  # noqa: PT011 - of `refuse`
        await database.write([Row(add, session("t1").values, refuse)])
    assert len(received) == 1


async def test_server_without_room_for_another_connection_is_written_by_the_pool(
    postgres_database: Database, postgres_url: str
) -> None:
    await add_user(postgres_database, "ada")
    role = f"limited_{uuid4().hex}"
    async with postgres_database.begin() as tx:
        await tx.exec_driver_sql(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1")
        await tx.exec_driver_sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    limited = await open_database(postgres_url.replace("//postgres", f"//{role}", 1))
    async with limited.begin() as tx:
        await tx.execute(select(users.c.id))
    await limited.write([require("ada"), session("t1")])
    await limited.close()
    assert await tokens(postgres_database) == ["t1"]
    async with postgres_database.begin() as tx:
        await tx.exec_driver_sql(f"DROP OWNED BY {role}")
        await tx.exec_driver_sql(f"DROP ROLE {role}")
