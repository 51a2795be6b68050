"""`migrate` on a large database of Drizzle: how long it takes, how much memory it needs."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from benchmarks import cores
from benchmarks.book import Line
from benchmarks.contestants import ORIGINAL, PEER, SECRET
from benchmarks.drizzle_seed import forget_adoption, seed_application
from benchmarks.load import ROOT, LoadError
from benchmarks.rows import Turn
from tests.system.parity.database import Place

_TIMEOUT: Final = 300  # seconds
_TICK: Final = 0.01  # seconds between two looks at its memory


class Adoption(Struct, frozen=True):
    """Checks a database of `users` users, adopts it, and forgets that it did."""

    users: int
    name: str = "adoption"

    @property
    def lacking(self) -> Mapping[str, str]:
        return dict.fromkeys((ORIGINAL.name, PEER.name), "adopts nothing")

    @property
    def lines(self) -> tuple[Line, ...]:
        of = f"{self.users:,} users of Drizzle"
        return (
            Line("migrate-check", f"`migrate --check`, {of}", "s", less_is_better=True),
            Line("adoption", f"`migrate`, {of}", "s", less_is_better=True),
            Line("adoption-memory", f"its memory at most, {of}", "MiB", less_is_better=True),
        )

    def figures(self, turn: Turn) -> list[float]:
        place = turn.arena.keep("drizzle", self.users, seed_application)
        checked, _ = _migrate(place, "--check", expected=1)
        adopted, memory = _migrate(place, expected=0)
        asyncio.run(forget_adoption(place))
        return [checked, adopted, memory]


def _migrate(place: Place, *options: str, expected: int) -> tuple[float, float]:
    """The seconds and the MiB of a command, which must end with the expected status."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "migrate", *options],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": place.database_url,
            "BETTER_AUTH_SECRET": SECRET,
            "PYTHONPATH": str(Path(ROOT)),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    memory, status = _watch_memory(process.pid)
    took = time.perf_counter() - began
    assert process.stderr is not None
    with process.stderr as said:
        if os.waitstatus_to_exitcode(status) != expected:
            raise LoadError(said.read().decode().strip()[-300:])
    process.returncode = os.waitstatus_to_exitcode(status)
    return took, memory


def _watch_memory(pid: int) -> tuple[float, int]:
    """The MiB that a program held at most, and its status when it has ended.

    Linux counts in `ru_maxrss` what the process held that started it, here a million sessions.
    """
    memory, ended, status = 0.0, 0, 0
    while not ended:
        memory = max(memory, cores.most_memory(pid))
        time.sleep(_TICK)
        ended, status = os.waitpid(pid, os.WNOHANG)
    return memory, status
