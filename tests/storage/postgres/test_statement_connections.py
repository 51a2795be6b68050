"""A few connections serve all reads, and none that may be broken serves a second one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import asyncpg
import pytest

from app.bridge.postgres_hosts import Connection
from app.models.errors import StoreUnavailable
from app.storage.postgres import statement_connections
from app.storage.postgres.statement_connections import StatementConnections

pytestmark = pytest.mark.anyio

PID = "SELECT pg_backend_pid()"
Make = Callable[..., StatementConnections]


@pytest.fixture
async def make(postgres_url: str) -> AsyncIterator[Make]:
    made: list[StatementConnections] = []

    async def connect() -> Connection:
        return await asyncpg.connect(postgres_url, command_timeout=0.2)

    def make_connections(size: int = 1) -> StatementConnections:
        made.append(StatementConnections(connect, size=size, queue_seconds=0.1))
        return made[-1]

    yield make_connections
    for each in made:
        await each.close()


async def read_pid(connections: StatementConnections) -> int:
    async with connections.reserve() as connection:
        return int(await connection.fetchval(PID))


async def test_reads_one_after_the_other_have_the_same_connection(make: Make) -> None:
    connections = make(size=2)
    assert await read_pid(connections) == await read_pid(connections)


async def test_reads_at_the_same_time_have_connections_of_their_own(make: Make) -> None:
    connections = make(size=2)
    async with connections.reserve() as one, connections.reserve() as two:
        assert one is not two


async def test_who_finds_none_free_is_refused_in_time(make: Make) -> None:
    connections = make()
    async with connections.reserve():
        with pytest.raises(TimeoutError):
            await read_pid(connections)
    assert await read_pid(connections)


async def test_who_waits_gets_the_next_that_is_free(make: Make) -> None:
    connections = make()
    async with connections.reserve() as connection:
        pid = await connection.fetchval(PID)
        waiting = asyncio.create_task(read_pid(connections))
        await asyncio.sleep(0)
    assert await waiting == pid


@pytest.mark.parametrize("statement", ["SELECT $1::text::int", "SELECT $1::int"])
async def test_value_that_server_or_driver_refuses_costs_no_connection(
    make: Make, statement: str
) -> None:
    connections = make()
    pid = await read_pid(connections)
    with pytest.raises((asyncpg.PostgresError, ValueError)):
        async with connections.reserve() as connection:
            await connection.fetch(statement, "x")
    assert await read_pid(connections) == pid


async def test_after_a_timeout_the_next_read_has_a_fresh_connection(make: Make) -> None:
    connections = make()
    pid = await read_pid(connections)
    with pytest.raises(TimeoutError):
        async with connections.reserve() as connection:
            await connection.fetch("SELECT pg_sleep(30)")
    assert await read_pid(connections) != pid


async def test_statement_that_timed_out_ends_on_the_server(make: Make, postgres_url: str) -> None:
    connections = make()
    with suppress(TimeoutError):
        async with connections.reserve() as connection:
            await connection.fetch("SELECT pg_sleep(30)")
    admin = await asyncpg.connect(postgres_url)
    running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(%'"
    async with asyncio.timeout(10):
        while await admin.fetchval(f"{running} AND state = 'active'"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await admin.close()


async def test_connection_that_was_idle_for_too_long_is_replaced(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = make()
    pid = await read_pid(connections)
    monkeypatch.setattr(statement_connections, "IDLE_SECONDS", 0.0)
    assert await read_pid(connections) != pid


async def test_connection_that_only_a_burst_needed_is_closed(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_connections, "IDLE_SECONDS", 0.2)
    connections = make(size=2)
    async with connections.reserve(), connections.reserve() as second:
        pass
    await asyncio.sleep(0.15)
    await read_pid(connections)
    await asyncio.sleep(0.1)
    await read_pid(connections)
    assert second.is_closed()


async def test_connection_that_closed_meanwhile_is_replaced(make: Make) -> None:
    connections = make()
    async with connections.reserve() as connection:
        pid = await connection.fetchval(PID)
    connection.terminate()
    assert await read_pid(connections) != pid


async def test_failed_connect_leaves_its_place_to_others() -> None:
    async def refuse() -> Connection:
        raise StoreUnavailable

    connections = StatementConnections(refuse, size=1, queue_seconds=0.1)
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            await read_pid(connections)


async def test_connection_in_use_at_the_end_is_closed_when_it_is_given_back(make: Make) -> None:
    connections = make()
    async with connections.reserve() as connection:
        await connections.close()
        assert not connection.is_closed()
    await connections.close()
    assert connection.is_closed()
