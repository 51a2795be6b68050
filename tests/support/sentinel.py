"""A real Sentinel over two Redis servers of the test's own."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from msgspec import Struct
from redis import Redis
from redis.exceptions import RedisError

from .programs import free_port
from .redis import RedisServer

SERVICE: Final = "sessions"
PASSWORD: Final = "word:of/sentinel"
_PATIENCE: Final = 30  # seconds
# One Sentinel is a majority of itself; it takes a server for dead after half a second.
_CONFIGURATION: Final = """
{listening}
requirepass {password}
sentinel monitor {service} 127.0.0.1 {master} 1
sentinel down-after-milliseconds {service} 500
sentinel failover-timeout {service} 3000
"""


class Watched:
    """`master` answers, `replica` takes its place; `port` is that of the Sentinel."""

    def __init__(self, master: RedisServer, replica: RedisServer, port: int) -> None:
        self.master, self.replica, self.port = master, replica, port


class Certificate(Struct, frozen=True):
    """For 127.0.0.1, and who signed it."""

    path: Path
    key: Path

    @property
    def options(self) -> tuple[str, ...]:
        """What makes a server ask for TLS everywhere."""
        files = ("--tls-cert-file", str(self.path), "--tls-key-file", str(self.key))
        trust = ("--tls-ca-cert-file", str(self.path), "--tls-auth-clients", "no")
        return (*files, *trust, "--tls-replication", "yes")

    def listen(self, port: int) -> tuple[str, ...]:
        return ("--port", "0", "--tls-port", str(port), *self.options)


@contextmanager
def running_sentinel(certificate: Certificate | None = None) -> Iterator[Watched | None]:
    """All three are gone when the block ends; None where no Redis is installed.

    With a `certificate` all of them, and their clients, use TLS.
    """
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="better-auth-sentinel-"))
    ports = [free_port() for _ in range(3)]
    listening = [
        ("--port", str(port)) if certificate is None else certificate.listen(port) for port in ports
    ]
    servers = [
        _make_server(folder / str(port), program, options)
        for port, options in zip(ports[:2], listening, strict=False)
    ]
    servers[1].options += ("--replicaof", "127.0.0.1", str(ports[0]))
    sentinel: subprocess.Popen[bytes] | None = None
    try:
        for server in servers:
            server.start()
        path = folder / "sentinel.conf"
        text = _CONFIGURATION.format(
            listening=" ".join(listening[2]).replace("--", "\n"),
            service=SERVICE,
            master=ports[0],
            password=PASSWORD,
        )
        path.write_text(text)
        sentinel = subprocess.Popen([program, path, "--sentinel"], stdout=subprocess.DEVNULL)
        _wait(ports[2], certificate)
        yield Watched(servers[0], servers[1], ports[2])
    finally:
        if sentinel is not None:
            sentinel.kill()
            sentinel.wait()
        for server in servers:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _make_server(folder: Path, program: str, listening: tuple[str, ...]) -> RedisServer:
    folder.mkdir()
    server = RedisServer(folder, program)
    server.options = (*listening, "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0")
    return server


def _wait(port: int, certificate: Certificate | None) -> None:
    """Until it knows the replica, which has a copy."""
    until = time.monotonic() + _PATIENCE
    url = f"redis://127.0.0.1:{port}"
    if certificate is not None:
        url = f"rediss://127.0.0.1:{port}?ssl_ca_certs={certificate.path}"
    with Redis.from_url(url, password=PASSWORD, decode_responses=True) as client:
        while not _has_replica(client):
            assert time.monotonic() < until, "Sentinel finds no replica"
            time.sleep(0.05)


def _has_replica(client: "Redis") -> bool:
    with suppress(RedisError):
        found = client.sentinel_slaves(SERVICE)
        return any(each["master-link-status"] == "ok" for each in found)
    return False
