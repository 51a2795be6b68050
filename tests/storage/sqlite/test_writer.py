"""One connection runs all transactions of a process, until one of them fails."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, Text, event, insert, text
from sqlalchemy.exc import ResourceClosedError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.storage.after_commit import start_after_commit
from app.storage.database import Database
from app.storage.sqlite import engines
from app.storage.sqlite.engines import open_writing_engine
from app.storage.sqlite.writer import KeptWriter

pytestmark = pytest.mark.anyio

PETS = Table("pets", MetaData(), Column("name", Text))
ADD = text("INSERT INTO pets VALUES (:name)")


class Counted(KeptWriter):
    """Counts how often the connection was taken from the pool."""

    taken = 0

    def note(self, *_: object) -> None:
        self.taken += 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "some.db"
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("CREATE TABLE pets (name TEXT NOT NULL)")
    return made


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Counted]:
    engine = open_writing_engine(path, busy_seconds=1)
    made = Counted(engine)
    event.listen(engine.sync_engine, "checkout", made.note)
    yield made
    await made.close()


async def add(writer: KeptWriter, name: str | None) -> None:
    async with writer.begin() as tx:
        await tx.execute(ADD, {"name": name})


def list_names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM pets ORDER BY rowid")]


async def test_transactions_are_written_in_order_of_arrival(writer: Counted, path: Path) -> None:
    names = list("abcdefgh")
    await asyncio.gather(*(add(writer, name) for name in names))
    assert list_names(path) == names


async def test_pool_is_asked_only_for_the_first_transaction(writer: Counted) -> None:
    await add(writer, "a")
    taken = writer.taken
    for name in "bc":
        await add(writer, name)
    assert writer.taken == taken


async def test_pool_is_asked_again_after_a_failure(writer: Counted, path: Path) -> None:
    await add(writer, "a")
    taken = writer.taken
    with pytest.raises(Exception, match="NOT NULL"):
        await add(writer, None)
    await add(writer, "b")
    assert writer.taken == taken + 1
    assert list_names(path) == ["a", "b"]


async def test_who_gives_up_waiting_leaves_the_turn_to_others(writer: Counted, path: Path) -> None:
    async with writer.begin() as tx:
        waiting = asyncio.create_task(add(writer, "never"))
        await asyncio.sleep(0)
        waiting.cancel()
        await tx.execute(ADD, {"name": "a"})
    await add(writer, "b")
    assert list_names(path) == ["a", "b"]


async def test_who_comes_while_the_turn_passes_on_waits_only_for_so_long(
    writer: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hold() -> None:
        async with writer.begin():
            await ended.wait()

    monkeypatch.setattr(engines, "QUEUE_SECONDS", 0.05)
    ended = asyncio.Event()
    async with writer.begin():
        holding = asyncio.create_task(hold())
        await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(5, ended.set)
    with pytest.raises(PoolTimeoutError):
        await add(writer, "never")
    ended.set()
    await holding


async def test_transaction_that_runs_at_the_end_is_committed(writer: Counted, path: Path) -> None:
    async with writer.begin() as tx:
        await tx.execute(ADD, {"name": "a"})
        await writer.close()
        await tx.execute(ADD, {"name": "b"})
    assert list_names(path) == ["a", "b"]
    assert tx.closed


async def test_who_uses_a_transaction_after_its_end_gets_into_no_other(
    writer: Counted, path: Path
) -> None:
    async with writer.begin() as ended:
        await ended.execute(ADD, {"name": "a"})
    async with writer.begin() as tx:
        with pytest.raises(ResourceClosedError):
            await ended.execute(ADD, {"name": "late"})
        await tx.execute(ADD, {"name": "b"})
    with pytest.raises(ResourceClosedError):
        await ended.execute(ADD, {"name": "late"})
    await add(writer, "c")
    assert list_names(path) == ["a", "b", "c"]


async def test_options_of_a_transaction_are_not_those_of_the_next(
    writer: Counted, path: Path
) -> None:
    async with writer.begin() as tx:
        await tx.execution_options(schema_translate_map={None: "elsewhere"})
    async with writer.begin() as tx:
        await tx.execute(insert(PETS), {"name": "a"})
    assert list_names(path) == ["a"]


async def test_what_waited_for_a_failed_transaction_does_not_start_after_the_next(
    sqlite_database: Database,
) -> None:
    started: list[str] = []

    async def fail() -> None:
        async with sqlite_database.begin() as tx:
            start_after_commit(tx, lambda: started.append("failed"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with sqlite_database.begin() as tx:
        start_after_commit(tx, lambda: started.append("committed"))
    assert started == ["committed"]
