"""A real Redis, or Valkey, of the test run's own; it keeps nothing on disk."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DATABASES = 10_000  # one for each test
MISSING = "redis-server is not installed: apt install redis-server (or valkey-server)"
_PATIENCE = 10  # seconds
_IN_MEMORY = ("--save", "", "--appendonly", "no", "--databases", str(DATABASES))


class RedisServer:
    """A server on a Unix socket, which a test may stop and start, with other `options`, too."""

    def __init__(self, folder: Path, program: str) -> None:
        self.options: tuple[str, ...] = ()
        self.socket = folder / "redis.sock"
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def start(self) -> None:
        options = ("--port", "0", "--unixsocket", str(self.socket), "--dir", self.socket.parent)
        self._process = subprocess.Popen(
            [self._program, *options, *_IN_MEMORY, *self.options], stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + _PATIENCE
        while not self._answers():
            assert time.monotonic() < until, "redis-server does not start"
            time.sleep(0.01)

    def stop(self) -> None:
        """Its memory is lost, its connections are cut."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self.socket.unlink(missing_ok=True)
            self._process = None

    def pause(self) -> None:
        """It answers nobody, and keeps its connections."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.socket))
            line.sendall(b"PING\r\n")
            return line.recv(7) in {b"+PONG\r\n", b"-NOAUTH"}
        return False


@contextmanager
def running_redis() -> Iterator[RedisServer | None]:
    """A server that is gone when the block ends; None where the program is not installed."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="better-auth-redis-"))
    server = RedisServer(folder, program)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
