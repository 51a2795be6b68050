"""The version of a SQLite database, which is asked once in a turn of the event loop."""

import asyncio
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from app.storage.database import Database
from tests.support.sqlite_file import path_of

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize(
        "anyio_backend",
        [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})],
        ids=["asyncio", "uvloop"],
    ),
]


@pytest.fixture
def other(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """Somebody else's connection, each of whose statements is committed."""
    path = path_of(sqlite_url)
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        opened.execute("CREATE TABLE foreign_table (id)")
        yield opened


async def test_next_turn_knows_of_a_commit(
    sqlite_database: Database, other: sqlite3.Connection
) -> None:
    before = sqlite_database.read_version()
    other.execute("INSERT INTO foreign_table VALUES (1)")
    await asyncio.sleep(0)
    assert sqlite_database.read_version() != before


async def test_one_turn_has_one_version(
    sqlite_database: Database, other: sqlite3.Connection
) -> None:
    before = sqlite_database.read_version()
    other.execute("INSERT INTO foreign_table VALUES (1)")
    assert sqlite_database.read_version() == before


class Receiver(asyncio.Protocol):
    """Looks at the version in a task for what it receives, as the HTTP server does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.seen: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self._task = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        self.seen.set_result(self._database.read_version())


async def test_request_that_is_sent_after_a_commit_knows_of_it(
    sqlite_database: Database, other: sqlite3.Connection
) -> None:
    client, server = socket.socketpair()
    receiver = Receiver(sqlite_database)
    transport, _ = await asyncio.get_running_loop().create_connection(lambda: receiver, sock=server)
    before = sqlite_database.read_version()
    other.execute("INSERT INTO foreign_table VALUES (1)")
    client.send(b"x")
    assert await receiver.seen != before
    transport.close()
    client.close()


async def test_writer_of_this_process_knows_of_its_commit(sqlite_database: Database) -> None:
    before = sqlite_database.read_version()
    async with sqlite_database.begin() as tx:
        await tx.exec_driver_sql("CREATE TABLE foreign_table (id)")
    assert sqlite_database.read_version() != before
