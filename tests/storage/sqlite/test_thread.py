"""Statements on the writer's thread: what SQLAlchemy gets of them, and how often it goes there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.storage.sqlite.engines import open_writing_engine
from app.storage.sqlite.thread import ThreadConnection

pytestmark = pytest.mark.anyio


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    made = open_writing_engine(tmp_path / "some.db", busy_seconds=1, mode="rwc")
    async with made.begin() as tx:
        await tx.execute(text("CREATE TABLE fruit (name TEXT PRIMARY KEY)"))
    yield made
    await made.dispose()


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch, engine: AsyncEngine) -> list[str]:
    """What was run on the thread of a connection, once the engine has one."""
    made: list[str] = []
    execute = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, run: object, *rest: object) -> object:
        made.append(getattr(run, "__name__", ""))
        return await execute(self, run, *rest)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    return made


async def test_transaction_visits_the_thread_once_for_each_statement(
    engine: AsyncEngine, visits: list[str]
) -> None:
    async with engine.begin() as tx:
        await tx.execute(text("INSERT INTO fruit VALUES ('fig')"))
        assert (await tx.execute(text("SELECT name FROM fruit"))).all() == [("fig",)]
    assert visits == ["_begin_and_fetch", "_execute_and_fetch", "commit"]


async def test_transaction_without_a_statement_is_none(
    engine: AsyncEngine, visits: list[str]
) -> None:
    async with engine.begin():
        pass
    with pytest.raises(ZeroDivisionError):
        async with engine.begin():
            raise ZeroDivisionError
    assert visits == []
    await _write(engine, "fig")
    assert visits == ["_begin_and_fetch", "commit"]


async def test_savepoint_begins_a_transaction_that_it_does_not_end(engine: AsyncEngine) -> None:
    async with engine.begin() as tx:
        async with tx.begin_nested() as attempt:
            await tx.execute(text("INSERT INTO fruit VALUES ('fig')"))
            await attempt.rollback()
        await tx.execute(text("INSERT INTO fruit VALUES ('quince')"))
    async with engine.begin() as tx:
        assert (await tx.execute(text("SELECT name FROM fruit"))).all() == [("quince",)]


async def test_what_a_statement_returns_and_changes_is_told(engine: AsyncEngine) -> None:
    async with engine.begin() as tx:
        insert = text("INSERT INTO fruit VALUES (:name) RETURNING name")
        assert (await tx.execute(insert, {"name": "fig"})).scalar_one() == "fig"
        await tx.execute(text("INSERT INTO fruit VALUES (:name)"), [{"name": "a"}, {"name": "b"}])
        changed = await tx.execute(text("UPDATE fruit SET name = name || '!' WHERE name < 'c'"))
        assert changed.rowcount == 2
        gone = await tx.execute(text("DELETE FROM fruit WHERE name = 'nothing'"))
        assert gone.rowcount == 0
        assert gone.returns_rows is False


async def test_refused_statement_leaves_the_connection_usable(engine: AsyncEngine) -> None:
    await _write(engine, "fig")
    with pytest.raises(IntegrityError):
        await _write(engine, "quince", "fig")
    async with engine.begin() as tx:
        assert (await tx.execute(text("SELECT name FROM fruit"))).all() == [("fig",)]


@pytest.mark.parametrize("turns", range(24))
async def test_transaction_that_is_cancelled_anywhere_leaves_no_lock(
    engine: AsyncEngine, turns: int
) -> None:
    writing = asyncio.create_task(_write(engine, "fig"))
    for _ in range(turns):
        await asyncio.sleep(0)
    writing.cancel()
    await asyncio.wait([writing])
    async with engine.begin() as tx:
        await tx.execute(text("INSERT OR REPLACE INTO fruit VALUES ('fig')"))
    async with engine.connect() as other:
        assert not await other.run_sync(_is_in_transaction)


async def _write(engine: AsyncEngine, *names: str) -> None:
    async with engine.begin() as tx:
        for name in names:
            await tx.execute(text("INSERT INTO fruit VALUES (:name)"), {"name": name})


def _is_in_transaction(connection: Connection) -> bool:
    raw = connection.connection.driver_connection
    assert isinstance(raw, ThreadConnection)
    return raw.in_transaction
