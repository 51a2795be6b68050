"""Servers as processes of their own: on a free port, ready when they answer, stopped by id."""

import itertools
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Protocol

from tests.support import ready_process

_FIRST, _WORKERS, _PORTS = 20_000, 12, 1_000
# Another run of the tests on this machine begins elsewhere.
_TAKEN = itertools.count(random.SystemRandom().randrange(_PORTS))
START_SECONDS = 90  # a loaded machine starts a Node server and a fresh database slowly


class Program(Protocol):
    """A process that was started; as `subprocess.Popen` has them."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int, /) -> None: ...


@contextmanager
def running(
    command: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    port: int,
    *,
    ends_with: int = 0,
) -> Iterator[int]:
    """Start a server in `folder`, wait until it answers on `port`, stop it as an operator does.

    Gives its process id.

    `ends_with` is the status of a program that does not end with 0 when it is done.
    """
    path = folder / "server.log"
    with (
        path.open("w") as log,
        subprocess.Popen(
            command, cwd=folder, env=dict(environ), stdin=subprocess.PIPE, stdout=log, stderr=log
        ) as process,
    ):
        yield from answering(process, path, port, ends_with)


@contextmanager
def running_service(
    environ: Mapping[str, str], folder: Path, port: int, *, cheap_hashes: bool = False
) -> Iterator[int]:
    """The same with `python -m app serve`, which costs a tenth from a process that has it ready."""
    path, changes = folder / "server.log", ["cheap hashes"] if cheap_hashes else []
    with (
        path.open("wb") as log,
        ready_process.start(["serve"], environ, folder, log, log, changes=changes) as process,
    ):
        yield from answering(process, path, port, 0)


def free_port() -> int:
    """A port that nobody uses, and that no other worker gets before a server listens on it.

    Each worker has its own ports and takes one after the other. Linux gives connections ports from
    32768 on, so that one of those may be taken by a connection.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = _FIRST + worker % _WORKERS * _PORTS
    while True:
        port = first + next(_TAKEN) % _PORTS
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answering(process: Program, log: Path, port: int, ends_with: int) -> Iterator[int]:
    """Waits until a server answers, gives its process id, and stops it as an operator does."""
    try:
        _wait(process, port, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=START_SECONDS)
    assert status == ends_with, f"the server ended with {status}: {_tail(log)}"


def _wait(process: Program, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    pause = 0.002  # some start in a fiftieth of a second, some in ten
    while not _answers(port):
        assert process.poll() is None, f"the server did not start: {_tail(log)}"
        assert time.monotonic() < deadline, f"the server does not answer: {_tail(log)}"
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/live")  # "/" would load Litestar in the service
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
