"""Tries out copies of the service, each in a fork of a process that has imported what it needs.

What the service imports from others is most of the work, and the same for all copies.
"""

import asyncio
import gc
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.plugins import probe
from tests.support.secret import STRONG_SECRET

ROOT = Path(__file__).parents[2]


class CopiedServices:
    """Each copy is tried out by `probe.py`, with an environment of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def try_out(self, copy: Path, **variables: str) -> dict[str, Any]:
        """What the service in the folder `copy` does."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(copy), variables]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the service did not run, see what it wrote"
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def copied_services() -> Iterator[CopiedServices]:
    environ = {"PATH": os.environ["PATH"], "BETTER_AUTH_SECRET": STRONG_SECRET}
    command = [sys.executable, "-m", __name__]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdin=pipe, stdout=pipe, text=True
    ) as process:
        yield CopiedServices(process)


def _forget_the_service() -> None:
    """Nothing of the service in this checkout is left to be found by a copy."""
    for name in [name for name in sys.modules if name.split(".")[0] in ("app", "tests")]:
        del sys.modules[name]


def _main() -> None:
    probe.import_all()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/auth.db"
        asyncio.run(probe.try_out())  # imports the rest
        del os.environ["DATABASE_URL"]
    _forget_the_service()
    gc.collect()
    gc.freeze()  # to look through it would copy it into each child
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(line)
        if os.waitpid(child, 0)[1] != 0:
            return


def _become(order: str) -> None:
    folder, variables = json.loads(order)
    os.chdir(folder)
    os.environ.update(variables)
    sys.path[:0] = [folder, str(ROOT)]
    runpy.run_module("tests.plugins.probe", run_name="__main__")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    _main()
