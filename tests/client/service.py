"""The service as its users run it: a process of its own, on a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parent.parent.parent
SECRET = "a-secret-for-tests-only-k3J9vQ2mX7pL4"
PAGE = "http://localhost:3000"
START_SECONDS = 30


class Service(Struct, frozen=True):
    """A running service: where it is, and the secret it shares."""

    url: str
    secret: str = SECRET


@contextmanager
def running(database_url: str, folder: Path) -> Iterator[Service]:
    """Start the service in an empty folder, wait until it answers, stop it as an operator does."""
    port = _free_port()
    with (folder / "service.log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=folder,
            env=_environment(database_url, port),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process, port, folder / "service.log")
            yield Service(url=f"http://localhost:{port}")
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(timeout=START_SECONDS)
    assert status == 0, f"the service ended with {status}: {_tail(folder / 'service.log')}"


def _environment(database_url: str, port: int) -> dict[str, str]:
    inherited = {"PATH", "HOME", "LANG", "TMPDIR"} | {k for k in os.environ if k.startswith("COV")}
    return {
        **{key: os.environ[key] for key in inherited if key in os.environ},
        "PYTHONPATH": str(ROOT),
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_URL": f"http://localhost:{port}",
        "BETTER_AUTH_TRUSTED_ORIGINS": PAGE,
        "BETTER_AUTH_RATE_LIMIT_ENABLED": "false",
        "DATABASE_URL": database_url,
        "PORT": str(port),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        assert process.poll() is None, f"the service did not start: {_tail(log)}"
        assert time.monotonic() < deadline, f"the service does not answer: {_tail(log)}"
        time.sleep(0.05)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/auth/ok")
    except OSError:
        return False
    else:
        return connection.getresponse().read() == b'{"ok":true}'
    finally:
        connection.close()


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
