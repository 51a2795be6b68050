"""A real PgBouncer in transaction mode, in front of the test run's PostgreSQL."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

_MISSING = "pgbouncer is not installed: apt install pgbouncer"
_PATIENCE = 10  # seconds
_PORT = 6432  # a part of the socket's name
_CONFIGURATION = """
[databases]
* = host={server}
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = transaction
logfile = {folder}/log
pidfile = {folder}/pid
"""


@contextmanager
def behind_pgbouncer(url: str) -> Iterator[str]:
    """The URL of the database at `url` behind a pooler; skips the test where none is installed.

    A transaction gets the server's connection that was used last, if nobody else has it.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    folder = Path(tempfile.mkdtemp(prefix="better-auth-pgbouncer-"))
    server = parse_qs(urlsplit(url).query)["host"][0]
    (folder / "users.txt").write_text('"postgres" ""\n')
    (folder / "ini").write_text(_CONFIGURATION.format(server=server, port=_PORT, folder=folder))
    process = subprocess.Popen(
        [program, "--quiet", str(folder / "ini")],
        user=_give_away(folder, Path(server).owner()),
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(folder)
        yield url.replace(f"host={server}", f"host={folder}&port={_PORT}")
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _give_away(folder: Path, owner: str) -> str | None:
    """PgBouncer refuses to run as root, and the database's folder is open to its owner alone."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, owner)
    return owner


def _wait(folder: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while not _answers(folder):
        assert time.monotonic() < until, "pgbouncer does not start"
        time.sleep(0.01)


def _answers(folder: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.connect(str(folder / f".s.PGSQL.{_PORT}"))
        return True
    return False
