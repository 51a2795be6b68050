"""Services that one process runs, one after the other: for a fifth of what a process each costs.

Each is `python -m app serve` from its start to its end: it reads its own environment, binds its
port, migrates its database, serves, and ends on SIGTERM. It is spared to compile the statements and
to build the routers of those before it. A test that ends a service in another way than that needs
a process: see `ready_process`.
"""

import atexit
import json
import os
import signal
import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support import programs
from tests.support.ready_process import ROOT, ReportedProcess, start_module

_MOST = 200  # services, until another process takes over


class _Turns(ReportedProcess):
    """A process that waits for its next service, or runs one. The status is that of a service."""

    def __init__(self, changes: Collection[str]) -> None:
        self.changes = set(changes)
        self.number = 0
        self._orders, theirs = socket.socketpair()
        with theirs, Path(os.devnull).open("wb") as nothing:
            self._process = start_module(
                ["tests.support.turns"],
                {**os.environ, "PYTHONPATH": str(ROOT)},
                ROOT,
                [theirs, nothing, nothing],
                changes,
            )
        super().__init__(self._process.pid, self._orders.makefile("rb", buffering=0))
        atexit.register(self.close)

    def begin(self, environ: Mapping[str, str], folder: Path) -> None:
        self._status = None
        self.number += 1
        self._orders.sendall(json.dumps([dict(environ), str(folder)]).encode() + b"\n")

    def close(self) -> None:
        self._reports.close()
        self._orders.close()
        self._process.__exit__(None, None, None)
        atexit.unregister(self.close)

    def kill(self) -> None:
        """Where it may never end by itself."""
        self._process.send_signal(signal.SIGKILL)
        self.close()


_waiting: list[_Turns] = []


@contextmanager
def running(
    environ: Mapping[str, str], folder: Path, port: int, *, changes: Collection[str] = ()
) -> Iterator[int]:
    """As `programs.running_service`. Gives the id of a process that serves nobody else."""
    turns = _take(changes)
    turns.begin(environ, folder)
    try:
        yield from programs.answering(turns, folder / "server.log", port, 0)
    except BaseException:
        turns.kill()
        raise
    if turns.number < _MOST:
        _waiting.append(turns)
    else:
        turns.close()


def _take(changes: Collection[str]) -> _Turns:
    for each in _waiting:
        if each.changes == set(changes):
            _waiting.remove(each)
            return each
    return _Turns(changes)
