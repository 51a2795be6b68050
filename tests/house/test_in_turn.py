"""Services that one process runs in turn know nothing of each other, and none is waited for."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support import in_turn, programs
from tests.support.secret import STRONG_SECRET


@pytest.fixture(autouse=True)
def none_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No process that served other tests."""
    waiting: list[in_turn._Turns] = []
    monkeypatch.setattr(in_turn, "_waiting", waiting)
    yield
    for each in waiting:
        each.close()


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[tuple[int, int]]:
    """Its process id, and its port."""
    folder.mkdir()
    port = programs.free_port()
    environ = {
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        "BETTER_AUTH_URL": f"http://localhost:{port}",
        "DATABASE_URL": "sqlite:///auth.db",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        **settings,
    }
    with in_turn.running(environ, folder, port) as pid:
        yield pid, port


def ask(port: int) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/api/auth/ok")
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_next_has_its_own_settings_and_counts_from_nothing(tmp_path: Path) -> None:
    limits = {"BETTER_AUTH_RATE_LIMIT_ENABLED": "true", "BETTER_AUTH_RATE_LIMIT_MAX": "2"}
    seen = []
    for name, settings in (("first", limits), ("second", limits), ("third", {})):
        with running(tmp_path / name, **settings) as (pid, port):
            seen.append((pid, [ask(port) for _ in range(3)]))
    assert len({pid for pid, _ in seen}) == 1
    assert [statuses for _, statuses in seen] == [[200, 200, 429], [200, 200, 429], [200] * 3]


def stop_for_good(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch, running(folder) as (pid, _):
        os.kill(pid, signal.SIGSTOP)
        patch.setattr(programs, "START_SECONDS", 0.1)


def test_one_that_does_not_end_is_killed(tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        stop_for_good(tmp_path / "stopped")
    with running(tmp_path / "next") as (_, port):
        assert ask(port) == 200
