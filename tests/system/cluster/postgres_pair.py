"""Two PostgreSQL servers, one of which repeats what the other commits."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg

from tests.support.postgres import program, run, unprivileged
from tests.support.programs import free_port

_SECONDS: Final = 60  # a loaded machine starts slowly
_SERVER: Final = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
max_connections = 200
wal_receiver_timeout = 5s
"""


class PostgresServer:
    """A server on a port of its own, whose machine can fail."""

    def __init__(self, folder: Path, owner: str | None) -> None:
        self.data = folder
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.is_running = False
        self._owner = owner
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [program("postgres"), "-D", str(self.data), "-p", str(self.port)]
        with (self.data / "log").open("ab") as log:
            self._process = subprocess.Popen(command, user=self._owner, stderr=log, cwd="/")
        until = time.monotonic() + _SECONDS
        while not asyncio.run(self._answers()):
            assert time.monotonic() < until, (self.data / "log").read_text()[-2000:]
            time.sleep(0.05)
        self.is_running = True

    def kill(self) -> None:
        """All of it at once, as when the machine stops."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None
            self.is_running = False

    def pause(self) -> None:
        """It answers nobody, and keeps its connections."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def execute(self, statement: str) -> None:
        asyncio.run(self._execute(statement))

    def _signal(self, number: int) -> None:
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            os.kill(each, number)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url, timeout=_SECONDS)
        await connection.execute(statement)
        await connection.close()

    async def _answers(self) -> bool:
        try:
            await self._execute("SELECT")
        except (OSError, asyncpg.PostgresError):
            return False
        return True


class PostgresPair:
    """`primary` answers a commit when `standby` has it."""

    def __init__(self, folder: Path, owner: str | None) -> None:
        self._owner = owner
        self.primary, self.standby = (PostgresServer(folder / each, owner) for each in "ab")

    def create_database(self) -> str:
        """The URL of a new one, always in the same order, whoever is the primary."""
        name = f"auth_{uuid4().hex}"
        self.primary.execute(f"CREATE DATABASE {name}")
        ports = sorted((self.primary.port, self.standby.port))
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        return f"postgresql://postgres@{hosts}/{name}"

    def start(self) -> None:
        data = str(self.primary.data)
        run("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-D", data, user=self._owner)
        with (self.primary.data / "postgresql.conf").open("a") as file:
            file.write(_SERVER)
        self.primary.start()
        self.join_standby()

    def promote(self) -> None:
        """Makes the standby the primary. The other one is gone, or may answer nobody any more."""
        self.primary.is_running = False
        self.standby.execute("SELECT pg_promote()")
        self.primary, self.standby = self.standby, self.primary

    def join_standby(self) -> None:
        """Starts the standby with a copy of the primary, and lets commits wait for it."""
        self.standby.kill()
        shutil.rmtree(self.standby.data, ignore_errors=True)
        copy = ("-R", "-c", "fast", "--no-sync", "-D", str(self.standby.data))
        run("pg_basebackup", *copy, "-d", self.primary.url, user=self._owner)
        with (self.standby.data / "postgresql.auto.conf").open("a") as file:
            file.write("synchronous_standby_names = ''\n")  # it waits for nobody, once promoted
        self.standby.start()
        self.primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.primary.execute("SELECT pg_reload_conf()")

    def repair(self) -> None:
        """Goes on with both after one has failed."""
        if not (self.primary.is_running and self.standby.is_running):
            self.join_standby()

    def kill(self) -> None:
        self.primary.kill()
        self.standby.kill()


@contextmanager
def running_pair() -> Iterator[PostgresPair]:
    """Both are gone when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="better-auth-pair-"))
    pair = PostgresPair(folder, unprivileged(folder))
    try:
        pair.start()
        yield pair
    finally:
        pair.kill()
        shutil.rmtree(folder, ignore_errors=True)
