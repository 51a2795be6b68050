"""Workers that end, that can't start again, and that lose their parent."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from uvicorn import Config

from app.server.http_protocol import HttpProtocol
from app.server.http_server import GRACE
from app.server.one_server import OneServer
from app.server.workers import Workers
from tests.support.served import ROOT, SECONDS, SERVE, Running, until

_GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
HASTY = "import app.server.workers; app.server.workers.AGAIN = 0.3\n"
NO_ROOM = """
import multiprocessing.heap
def refuse(*_):
    raise OSError
multiprocessing.heap.Arena._choose_dir = refuse
"""


class Site(Running, frozen=True):
    away: Path  # there while the store is not
    log: Path

    def pids(self) -> set[int]:
        """Of who answers."""
        return {int(json.loads(self.ask("/"))["pid"]) for _ in range(20)}

    def both(self) -> set[int]:
        """Of two workers; on a busy machine one of them may answer twenty times in a row."""
        found: set[int] = set()

        def have_answered() -> bool:
            found.clear()
            found.update(self.pids())
            return len(found) == 2

        until(have_answered)
        return found

    def said(self) -> str:
        return self.log.read_text()


@contextmanager
def site(folder: Path, app: str = "moody", before: str = "") -> Iterator[Site]:
    away, log = folder / "away", folder / "log"
    with log.open("w") as lines:
        process = subprocess.Popen(
            [sys.executable, "-c", HASTY + before + SERVE, app, "2"],
            cwd=ROOT,
            env={**os.environ, "STORE_IS_AWAY": str(away)},
            stdout=subprocess.PIPE,
            stderr=lines,
            text=True,
        )
        assert process.stdout is not None
        port = int(process.stdout.readline())
        try:
            yield Site(port, process, away, log)
        finally:
            process.terminate()
            (folder / "log.out").write_text(process.communicate(timeout=SECONDS)[0])


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Site]:
    """Two workers that serve."""
    with site(tmp_path) as running:
        until(lambda: is_up(running))
        yield running


def is_up(running: Site) -> bool:
    try:
        return len(running.pids()) == 2
    except (ConnectionError, json.JSONDecodeError):
        return False


def test_a_worker_that_is_killed_is_replaced_and_told(two: Site, tmp_path: Path) -> None:
    killed, other = two.both()
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(two.pids() | {killed, other}) == 3 and is_up(two))
    assert other in two.both()
    assert two.end() == 0
    said = two.process.communicate()[0]
    assert f"ERROR   worker ended and is replaced pid={killed} by=SIGKILL\n" in said


def test_a_worker_that_cannot_start_again_leaves_the_other_alone(two: Site) -> None:
    killed, other = two.both()
    two.away.touch()
    os.kill(killed, signal.SIGKILL)
    until(lambda: two.said().count("the store is closed") >= 2)
    assert two.pids() == {other}
    two.away.unlink()
    until(lambda: is_up(two))
    assert other in two.both()
    assert two.end() == 0
    said = two.process.communicate()[0]
    assert 'by="status 3"' in said


def test_workers_serve_where_they_cannot_share_memory(tmp_path: Path) -> None:
    with site(tmp_path, before=NO_ROOM) as two:
        until(lambda: is_up(two))


def test_the_last_worker_that_cannot_start_again_ends_the_server(two: Site) -> None:
    two.away.touch()
    for pid in two.both():
        os.kill(pid, signal.SIGKILL)
    assert two.process.wait(SECONDS) == 1
    assert two.said().endswith("refused \n")


def test_sighup_replaces_all_workers_while_one_serves(two: Site) -> None:
    before = two.both()
    two.process.send_signal(signal.SIGHUP)
    until(lambda: len(two.pids() - before) == 2)
    assert two.end() == 0


def test_sighup_leaves_the_workers_where_no_new_one_can_start(two: Site) -> None:
    before = two.both()
    two.away.touch()
    two.process.send_signal(signal.SIGHUP)
    until(lambda: "the store is closed" in two.said())
    assert two.both() == before
    assert two.end() == 0
    assert "new worker does not start, the old ones stay" in two.process.communicate()[0]


def test_sigttin_adds_a_worker(two: Site) -> None:
    before = two.both()
    two.process.send_signal(signal.SIGTTIN)
    until(lambda: len(two.pids() | before) == 3)
    assert two.end() == 0


def test_workers_end_with_their_parent(two: Site) -> None:
    pids = two.both()
    two.process.kill()
    begun = time.monotonic()
    until(lambda: not any(map(is_there, pids)))
    assert time.monotonic() - begun < GRACE / 2
    with pytest.raises(ConnectionError):
        two.ask("/")


def is_there(pid: int) -> bool:
    """One that ended and was not waited for is not."""
    seen = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    return seen.stdout.strip()[:1] not in {"", "Z"}


@pytest.mark.parametrize("is_killed", [False, True])
def test_workers_that_wait_for_their_store_end_at_once(tmp_path: Path, *, is_killed: bool) -> None:
    with site(tmp_path, "patient") as running:
        until(lambda: "waiting" in running.said())
        pid = int(running.said().split()[1])
        begun = time.monotonic()
        if is_killed:
            running.process.kill()
        else:
            assert running.end() == 0
        until(lambda: not is_there(pid))
        assert time.monotonic() - begun < GRACE / 2


class Beginning:
    """A worker that is not far enough to answer."""

    exitcode, has_served, is_noted = None, False, False

    def __init__(self) -> None:
        self.began = time.monotonic()

    def ping(self, timeout: float) -> bool:
        time.sleep(timeout)
        return False


def test_who_waits_for_a_worker_hears_signals_meanwhile() -> None:
    workers: Any = Workers.__new__(Workers)  # its own beginning would take this process' signals
    workers.processes, workers._start_seconds = [Beginning()], SECONDS
    workers.should_exit = threading.Event()
    begun = time.monotonic()
    workers.keep_subprocess_alive()
    assert time.monotonic() - begun < 1


@pytest.mark.anyio
async def test_who_has_connected_is_answered_before_the_port_closes() -> None:
    """The system has the connection, and the loop has had no turn to accept it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = await _start(listening)
        clients = [socket.create_connection(listening.getsockname(), timeout=5) for _ in range(3)]
        for client in clients:
            client.sendall(_GET)
        await server.shutdown([listening])
    for client in clients:
        assert client.recv(12) == b"HTTP/1.1 204"
        client.close()


@pytest.mark.anyio
async def test_idle_connection_is_not_closed_when_a_request_has_just_come() -> None:
    """The system has the request, and the loop has had no turn to read it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = await _start(listening)
        with socket.create_connection(listening.getsockname(), timeout=5) as client:
            while not server.server_state.connections:  # noqa: ASYNC110  # there is no event for it
                await asyncio.sleep(0.01)
            (connection,) = server.server_state.connections
            assert isinstance(connection, HttpProtocol)
            client.sendall(_GET)
            connection._give_up()
            await server.shutdown([listening])
            assert client.recv(12) == b"HTTP/1.1 204"


async def _start(listening: socket.socket) -> OneServer:
    server = OneServer(Config(_say_yes, http=HttpProtocol, lifespan="off", log_config=None))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup([listening])
    return server


async def _say_yes(_scope: object, _receive: object, send: Callable[..., Awaitable[None]]) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})
