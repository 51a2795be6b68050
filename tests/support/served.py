"""A server of its own process, and a client that sends what no library would."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from msgspec import Struct

from tests.support import waiting

ROOT = Path(__file__).parents[2]
SECONDS = 30
until = partial(waiting.until, seconds=SECONDS)
SERVE = """
import sys
from app.server.http_server import Serving, ServingError, bind, serve
sockets = bind("localhost", 0)
print(sockets[0].getsockname()[1], flush=True)
try:
    factory = f"tests.support.serving_app:{sys.argv[1]}"
    serve(Serving(factory=factory, workers=int(sys.argv[2])), sockets)
except ServingError as fault:
    sys.exit(f"refused {fault}")
"""
GET = b"GET %s HTTP/1.1\r\nhost: x\r\n%s\r\n"
POST = b"POST /body HTTP/1.1\r\nhost: x\r\nconnection: close\r\n%s\r\n"
LAST = b"connection: close\r\n"
CHUNKED = b"POST /body HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n"
HALF = POST % b"content-length: 9\r\n" + b"half"
MALFORMED = b"bad\r\n\r\n"


class Running(Struct, frozen=True):
    port: int
    process: "subprocess.Popen[str]"

    def ask(self, path: str) -> bytes:
        with closing(HTTPConnection("localhost", self.port, timeout=SECONDS)) as connection:
            connection.request("GET", path)
            return connection.getresponse().read()

    def connected(self) -> socket.socket:
        return socket.create_connection(("localhost", self.port), timeout=SECONDS)

    def send(self, *pieces: bytes) -> str:
        """What comes back until the server closes."""
        with self.connected() as connection:
            with suppress(ConnectionError):
                for piece in pieces:
                    connection.sendall(piece)
            return "".join(received(connection))

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


@contextmanager
def serving(app: str = "echo", workers: int = 1) -> Iterator[Running]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, app, str(workers)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Running(int(process.stdout.readline()), process)
    finally:
        process.kill()
        process.communicate()


def ready(app: str = "echo") -> Iterator[Running]:
    with serving(app) as running:
        until(lambda: answers(running))
        yield running
        running.end()  # what is killed reports nothing to `make coverage`


def answers(running: Running) -> bool:
    try:
        return bool(running.ask("/"))
    except ConnectionError:
        return False


def received(connection: socket.socket) -> Iterator[str]:
    try:
        while piece := connection.recv(65536):
            yield piece.decode("latin-1")
    except (TimeoutError, ConnectionError):
        return
