"""Many originals in one Node process: to import Better Auth costs more than a scenario does."""

import atexit
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from tests.system.js_client import service

from . import versions


class Host:
    """A program such as `original/host.mjs`, which takes one order after the other.

    `variables` are the process' own, such as `TZ`.
    """

    def __init__(self, command: Sequence[str], **variables: str) -> None:
        environ = service.inherited() | variables
        del environ["PYTHONPATH"]
        self._ids = count()
        self._process = subprocess.Popen(
            command,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def running(self, environ: Mapping[str, str]) -> Iterator[None]:
        """An original that answers on `PORT` of `environ`, with nothing else in its environment."""
        own = next(self._ids)
        self._order(id=own, environ=dict(environ))
        try:
            yield
        finally:
            self._order(id=own)

    def close(self) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()

    def _order(self, **order: Any) -> None:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        fault = json.loads(process.stdout.readline() or '"the process of the originals ended"')
        assert fault is None, fault


@cache
def host(package: Path) -> Host:
    """The one of this process for a version of the original."""
    started = Host(versions.command("host.mjs", package))
    atexit.register(started.close)
    return started
