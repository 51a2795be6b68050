"""Servers as processes of their own: on a free port, ready when they answer, stopped by id."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

START_SECONDS = 90  # a loaded machine starts a Node server and a fresh database slowly


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
        try:
            _wait(process, port, path)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(timeout=START_SECONDS)
    assert status == ends_with, f"the server ended with {status}: {_tail(path)}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        assert process.poll() is None, f"the server did not start: {_tail(log)}"
        assert time.monotonic() < deadline, f"the server does not answer: {_tail(log)}"
        time.sleep(0.02)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
