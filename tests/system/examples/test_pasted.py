"""The README of the example works when it is pasted, in a folder as a fresh clone has it."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import programs
from tests.support.pages import block
from tests.system.js_client import service
from tests.system.packaging.environments import built_wheel, pasted

from .fastapi_tasks import EXAMPLE

pytestmark = pytest.mark.xdist_group("fastapi-tasks")

BUILT, *INSTALLED = block("examples/fastapi-tasks/README.md", "Start it", "sh").split("\n")
TRIED = block("examples/fastapi-tasks/README.md", "Try it", "sh")


def test_the_commands_start_it_and_the_lines_list_the_task_they_made(tmp_path: Path) -> None:
    assert BUILT == "make wheel"
    install, _, serve = "\n".join(INSTALLED).partition("BETTER_AUTH_URL=")
    clone(tmp_path)
    with service.running("sqlite:///auth.db", tmp_path) as running:
        ports = {"8000": running.url.rpartition(":")[2], "8001": str(programs.free_port())}
        pasted(install, tmp_path, EXAMPLE / "requirements.txt", "examples/fastapi-tasks/.venv")
        with served(in_place(f"exec env BETTER_AUTH_URL={serve}", ports), tmp_path, ports["8001"]):
            printed = bash(in_place(TRIED, ports), tmp_path)
    assert printed.count('"title":"Buy milk"') == 2, "made, then listed"


def clone(folder: Path) -> None:
    """What the commands find there, after `make serve` and `make wheel`."""
    sources = shutil.ignore_patterns(".venv", "__pycache__")
    shutil.copytree(EXAMPLE, folder / "examples" / EXAMPLE.name, ignore=sources)
    (folder / "dist").mkdir()
    shutil.copy(built_wheel(), folder / "dist")
    (folder / ".env").write_text(f"BETTER_AUTH_SECRET={service.SECRET}\n")


def in_place(script: str, ports: dict[str, str]) -> str:
    return re.sub("8000|8001", lambda found: ports[found[0]], script)


def bash(script: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def served(command: str, folder: Path, port: str) -> Iterator[None]:
    environ = {name: value for name, value in service.inherited().items() if name != "PYTHONPATH"}
    logs = folder / "logs"
    logs.mkdir()
    script = ["bash", "-c", f"cd {folder} && {command}"]
    with programs.running(script, environ, logs, int(port), ends_with=-signal.SIGTERM):
        yield
