"""What macOS and Windows lack is taken away, and the service starts, serves and ends."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from app.settings import system
from tests.support import programs
from tests.system.js_client.service import COMMAND, SECRET, inherited

# Python reads it as it starts, in the workers, too.
ELSEWHERE = """
import asyncio, multiprocessing.heap, os, signal, socket, sys
LACKING = {
    os: "sched_getaffinity sched_setaffinity fork forkpty register_at_fork getuid geteuid getgid"
    " getegid getgroups getloadavg chown fchmod fchown statvfs uname sysconf posix_fallocate"
    " pread pwrite mkfifo O_NOFOLLOW O_DIRECTORY O_CLOEXEC setsid killpg nice getpgid",
    signal: "SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGTTIN SIGTTOU SIGALRM SIGCHLD SIGPIPE SIGWINCH"
    " SIGCONT SIGTSTP pthread_sigmask sigwait setitimer pause",
    socket: "SO_REUSEPORT",
}
for module, names in LACKING.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
multiprocessing.heap.Arena._dir_candidates = []  # of Python for Linux alone
sys.modules |= dict.fromkeys(("uvloop", "fcntl", "pwd", "grp", "resource"))

def refuse(*_):
    raise NotImplementedError

for name in ("add_signal_handler", "remove_signal_handler"):
    setattr(asyncio.SelectorEventLoop, name, refuse)
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """The environment of a service on such a machine."""
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "sitecustomize.py").write_text(ELSEWHERE)
    (tmp_path / "run").mkdir()
    own = inherited()
    return own | {
        "PYTHONPATH": os.pathsep.join((str(taken), own["PYTHONPATH"])),
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_RATE_LIMIT_STORAGE": "database",
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_service_runs_without_what_only_linux_has(
    elsewhere: dict[str, str], tmp_path: Path, workers: int
) -> None:
    port = programs.free_port()
    environment = {**elsewhere, "PORT": str(port), "WORKERS": str(workers)}
    with programs.running(COMMAND, environment, tmp_path / "run", port):
        url = f"http://localhost:{port}/api/auth"
        person = {"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"}
        assert post(f"{url}/sign-up/email", person)["user"]["name"] == "Ada"
        assert post(f"{url}/sign-in/email", person)["user"]["name"] == "Ada"


def post(url: str, body: dict[str, str]) -> Any:
    request = Request(url, json.dumps(body).encode(), {"content-type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=20) as answer:  # noqa: S310
        return json.load(answer)


def test_commands_run_without_what_only_linux_has(
    elsewhere: dict[str, str], tmp_path: Path
) -> None:
    for command in ("init", "migrate", "doctor", "export"):
        done = subprocess.run(
            [sys.executable, "-m", "app", command],
            cwd=tmp_path / "run",
            env={**elsewhere, "USERNAME": "ada"},  # as Windows has it
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_core_counts_where_the_system_does_not_say_which(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert system.count_cores() == 12


def test_port_of_one_who_listens_is_not_shared() -> None:
    with socket.socket() as first, socket.socket() as second:
        system.reserve_port(first)
        first.bind(("127.0.0.1", 0))
        first.listen()
        system.reserve_port(second)
        with pytest.raises(OSError, match="in use"):
            second.bind(first.getsockname())


def test_output_is_utf8_whatever_the_machine_writes(tmp_path: Path) -> None:
    environment = {**inherited(), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "app", "openapi"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    told = (Path(__file__).parents[2] / "openapi.json").read_bytes()
    assert json.loads(done.stdout) == json.loads(told)
