"""Servers whose answers are known."""

import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from benchmarks.trivial import BODY
from tests.support import programs
from tests.system.js_client import service


@pytest.fixture
def trivial(tmp_path: Path) -> Iterator[int]:
    """The port of a server that answers everything with `{"ok":true}`."""
    port = programs.free_port()
    command = [sys.executable, "-m", "benchmarks.trivial", str(port)]
    with programs.running(command, service.inherited(), tmp_path, port):
        yield port


class _HangsUp(BaseHTTPRequestHandler):
    """Speaks HTTP/1.0, which has one answer for each connection."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


@pytest.fixture
def hanging_up() -> Iterator[int]:
    """The port of a server that answers rightly, and closes the connection."""
    yield from _served(_HangsUp)


class _Slow(_HangsUp):
    """Takes 50 ms for an answer, and keeps the connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(0.05)
        super().do_GET()


@pytest.fixture
def slow() -> Iterator[int]:
    """The port of a server that answers rightly and slowly."""
    yield from _served(_Slow)


def _served(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()
