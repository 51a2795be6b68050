"""`examples/fastapi-tasks`, served as its README says."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support import programs
from tests.system.js_client.service import inherited
from tests.system.packaging.environments import ROOT, locked_environment

EXAMPLE = ROOT / "examples" / "fastapi-tasks"


def python() -> Path:
    """Of the example's own environment, as its lock has it."""
    return locked_environment(EXAMPLE / "requirements.txt")


@contextmanager
def running(settings: Mapping[str, str], folder: Path, port: int) -> Iterator[None]:
    """The example on this port, until the block ends; `folder` keeps its log."""
    command = (str(python()), "-m", "uvicorn", *arguments(port))
    with programs.running(command, environ(settings), folder, port, ends_with=-signal.SIGTERM):
        yield


def arguments(port: int) -> tuple[str, ...]:
    return ("main:app", "--app-dir", str(EXAMPLE), "--port", str(port))


def environ(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in inherited().items() if name != "PYTHONPATH"}
    return {**kept, **settings}
