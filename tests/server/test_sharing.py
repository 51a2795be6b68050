"""New connections are shared among the workers."""

import asyncio
import errno
import json
import os
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from uvicorn import Config

from app.server.http_protocol import HttpProtocol
from app.server.sharing import Counts, SharingServer
from tests.support.served import Running, answers, serving, until

_Send = Callable[..., Awaitable[None]]
_GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def _say_yes(_scope: object, _receive: object, send: _Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


@pytest.mark.anyio
async def test_connections_that_stay_are_shared() -> None:
    """Both workers wait in one loop, where the same one would always be first."""
    with listening() as port, ExitStack() as stack:
        counts = Counts()
        workers = [await _start(port, counts, place) for place in range(2)]
        await _connect(port, workers, 16, stack)
        assert min(_count(worker) for worker in workers) >= 6
        await _end(workers)


@pytest.mark.anyio
async def test_connections_that_nobody_else_takes_are_served() -> None:
    with listening() as port, ExitStack() as stack:
        workers = [await _start_beside_one_that_hangs(port)]
        await _connect(port, workers, 16, stack)
        await _end(workers)


@pytest.mark.anyio
async def test_worker_without_its_share_accepts_again() -> None:
    with listening() as port, ExitStack() as stack:
        workers = [await _start_beside_one_that_hangs(port)]
        with ExitStack() as first:
            await _connect(port, workers, 8, first)
            assert not workers[0].servers
        await _wait_for(workers, 0)
        await _connect(port, workers, 1, stack)
        assert workers[0].servers
        await _end(workers)


@pytest.mark.anyio
async def test_connection_is_served_while_too_many_files_are_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening() as port, ExitStack() as stack:
        workers = [await _start_beside_one_that_hangs(port)]
        with ExitStack() as first:
            await _connect(port, workers, 8, first)
        await _wait_for(workers, 0)
        with monkeypatch.context() as patch:
            patch.setattr(socket.socket, "dup", _refuse)
            await _connect(port, workers, 1, stack)
        await _connect(port, workers, 1, stack)
        assert workers[0].servers
        await _end(workers)


@pytest.mark.anyio
async def test_who_connects_to_a_worker_that_stands_back_and_ends_is_answered() -> None:
    with listening() as port, ExitStack() as stack:
        workers = [await _start_beside_one_that_hangs(port)]
        await _connect(port, workers, 8, stack)
        last = stack.enter_context(socket.create_connection(port.getsockname(), timeout=5))
        last.sendall(_GET)
        await _end(workers)
        assert last.recv(12) == b"HTTP/1.1 204"


@pytest.mark.anyio
async def test_port_is_closed_before_those_who_wait_are_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who connects in between would be reset."""
    seen: list[int] = []

    async def note(_worker: object, accepted: socket.socket) -> None:
        seen.append(waiting_at.fileno())
        accepted.close()

    with listening() as port, ExitStack() as stack:
        workers = [await _start_beside_one_that_hangs(port)]
        await _connect(port, workers, 8, stack)
        (waiting_at,) = workers[0]._listening
        monkeypatch.setattr(SharingServer, "serve_connection", note)
        stack.enter_context(socket.create_connection(port.getsockname(), timeout=5))
        await _end(workers)
    assert seen == [-1]


@pytest.mark.anyio
async def test_others_do_not_block_while_a_worker_starts() -> None:
    """All workers share the mode of the port: who finds no connection there would stand still."""
    seen: list[bool] = []

    async def begin(_scope: object, receive: Callable[..., Awaitable[None]], send: _Send) -> None:
        await receive()
        seen.append(os.get_blocking(port.fileno()))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    with listening() as port:
        workers = [await _start(port, Counts(), 0), await _start(port, Counts(), 1, begin)]
        await _end(workers)
    assert seen == [False]


def test_all_workers_of_a_service_get_connections() -> None:
    with serving(workers=2) as running:
        until(lambda: answers(running) and len(_ask_all(running, 4)) == 2)
        shares = _ask_all(running, 32)
        assert len(shares) == 2
        assert running.end() == 0


def _ask_all(running: Running, number: int) -> Counter[int]:
    """Returns how many of so many connections each process has."""
    with ExitStack() as stack:
        clients = [stack.enter_context(running.connected()) for _ in range(number)]
        found: Counter[int] = Counter()
        for client in clients:
            client.sendall(_GET)
            body = client.recv(65536).partition(b"\r\n\r\n")[2]
            found[int(json.loads(body)["pid"])] += 1
        return found


async def _connect(
    port: socket.socket, workers: list[SharingServer], number: int, stack: ExitStack
) -> None:
    """Opens connections that stay, one after the other, and waits until they are served."""
    expected = sum(map(_count, workers))
    for _ in range(number):
        stack.enter_context(socket.create_connection(port.getsockname(), timeout=5))
        expected += 1
        await _wait_for(workers, expected)


async def _wait_for(workers: list[SharingServer], connections: int) -> None:
    async with asyncio.timeout(5):
        while sum(map(_count, workers)) != connections:  # noqa: ASYNC110  # there is no event
            await asyncio.sleep(0.001)


def _refuse(_: socket.socket) -> socket.socket:
    raise OSError(errno.EMFILE, "too many files are open")


def _count(worker: SharingServer) -> int:
    return len(worker.server_state.connections)


async def _start(
    port: socket.socket, counts: Counts, place: int, app: Callable[..., Awaitable[None]] = _say_yes
) -> SharingServer:
    config = Config(
        app,
        http=HttpProtocol,
        lifespan="off" if app is _say_yes else "on",
        log_config=None,
    )
    worker = SharingServer(config, counts, place)
    config.load()
    worker.lifespan = config.lifespan_class(config)
    await worker.startup([port.dup()])
    return worker


async def _start_beside_one_that_hangs(port: socket.socket) -> SharingServer:
    counts = Counts()
    counts.note(1, 0)
    return await _start(port, counts, 0)


async def _end(workers: list[SharingServer]) -> None:
    for worker in workers:
        await worker.shutdown(list(worker._listening))
