"""A real MariaDB, which stands for MySQL, of a test's own."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec import Struct

MISSING = "MariaDB is not installed: apt install mariadb-server-core mariadb-client-core"
_PATIENCE = 20  # seconds
_OPTIONS = ("--skip-networking", "--skip-grant-tables", "--performance-schema=off")
_SMALL = (
    "--innodb-log-file-size=4M",
    "--innodb-buffer-pool-size=8M",
    "--innodb-flush-log-at-trx-commit=0",
)


class MariaDb(Struct, frozen=True):
    """A server on a Unix socket, without accounts: everybody may do everything."""

    client: str
    socket: Path

    def run(self, script: str) -> None:
        """Run SQL."""
        command = [self.client, "--no-defaults", f"--socket={self.socket}"]
        subprocess.run(
            [*command, "--default-character-set=utf8mb4"], input=script, text=True, check=True
        )

    def answers(self) -> bool:
        command = [self.client, "--no-defaults", f"--socket={self.socket}", "-e", "select 1"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def running_mariadb() -> Iterator[MariaDb]:
    """With an empty database `app`; skips the test where MariaDB is not installed, except in CI."""
    program, client = _find("mariadbd"), _find("mariadb")
    if program is None or client is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="better-auth-mariadb-"))
    server = MariaDb(client, folder / "sock")
    (folder / "data").mkdir()
    # Without tables for accounts it starts in half a second.
    where = (
        f"--datadir={folder / 'data'}",
        f"--socket={server.socket}",
        f"--pid-file={folder / 'pid'}",
    )
    user = ("--user=root",) if os.geteuid() == 0 else ()
    process = subprocess.Popen(
        [program, "--no-defaults", *where, *_OPTIONS, *_SMALL, *user], stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + _PATIENCE
        while not server.answers():
            assert time.monotonic() < until, "mariadbd does not start"
            time.sleep(0.05)
        server.run("create database app character set utf8mb4")
        yield server
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _find(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
