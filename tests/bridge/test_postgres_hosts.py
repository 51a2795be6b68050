import asyncio

import asyncpg
import pytest

from app.bridge import postgres_hosts
from app.bridge.postgres_hosts import Connection, connect_first

pytestmark = pytest.mark.anyio


class Server:
    """As much of a connection as there is to choose; `answer` after some seconds."""

    def __init__(self, answer: "Server | Exception | None" = None, after: float = 0) -> None:
        self.is_closed = False
        self._answer, self._after = answer, after

    async def connect(self) -> "Server":
        await asyncio.sleep(self._after)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self

    def terminate(self) -> None:
        self.is_closed = True


STANDBY = Server(asyncpg.TargetServerAttributeNotMatched())
GONE = Server(ConnectionRefusedError("Connect call failed"))
SILENT = Server(after=60)


async def choose(*servers: Server, seconds: float = 5.0) -> object:
    """`servers` by name: the DSN is the place in this list."""

    async def connect(dsn: str) -> Connection:
        return await servers[int(dsn)].connect()  # a stand-in

    return await connect_first([*map(str, range(len(servers)))], connect, seconds=seconds)


async def test_first_that_fits_is_taken_and_the_next_are_not_asked() -> None:
    primary = Server()
    assert await choose(primary, Server(AssertionError("was asked"))) is primary


@pytest.mark.parametrize("before", [STANDBY, GONE, SILENT])
async def test_server_that_cannot_be_used_does_not_hold_up_the_next(before: Server) -> None:
    primary = Server()
    assert await choose(before, primary, seconds=2) is primary


async def test_connection_that_came_too_late_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_hosts, "HEAD_START", 0)
    both = [Server(after=0.05), Server(after=0.05)]
    taken = await choose(*both)
    assert [each.is_closed for each in both] == [each is not taken for each in both]


@pytest.mark.parametrize("servers", [(GONE, STANDBY), (STANDBY, GONE)])
async def test_server_that_is_down_is_the_reason_and_not_the_standby(
    servers: tuple[Server, ...],
) -> None:
    with pytest.raises(ConnectionRefusedError, match="Connect call failed"):
        await choose(*servers)


async def test_refusal_that_waiting_does_not_cure_is_the_reason() -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await choose(GONE, Server(asyncpg.InvalidPasswordError("no")), STANDBY)


async def test_standbys_alone_are_one_line() -> None:
    with pytest.raises(ConnectionError, match="no server in DATABASE_URL is what"):
        await choose(STANDBY, STANDBY)


async def test_servers_that_say_nothing_are_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        await choose(SILENT, SILENT, seconds=0.5)
