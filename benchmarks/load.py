"""Load on one server: what is sent, what must be answered, what comes out."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from benchmarks import cores, wrk
from benchmarks.streams import Load, Outcome

ROOT: Final = Path(__file__).parent.parent
_LONGEST: Final = 60  # seconds beyond the load's own


class LoadError(Exception):
    """A wrong answer, or none: there is no figure then."""


# What ends a row with a reason: also a server that is gone, talks no HTTP or did not start.
FAULTS: Final = (LoadError, OSError, HTTPException, AssertionError)


class Generator(Struct, frozen=True):
    """Who sends the load. wrk sends one stream that repeats; the bundled one also the others."""

    wrk: bool

    def run(self, load: Load, on: Sequence[int]) -> list[Outcome]:
        """One outcome for each stream. Raises `LoadError`."""
        with cores.on(on):
            if self.wrk and wrk.can(load):
                return [_by_wrk(load)]
            return _by_bundled(load)


def is_wrk_here() -> bool:
    return shutil.which("wrk") is not None


def _by_wrk(load: Load) -> Outcome:
    try:
        return wrk.run(load.port, load.streams[0], round(load.seconds))
    except wrk.WrkError as fault:
        raise LoadError(str(fault)) from None


def _by_bundled(load: Load) -> list[Outcome]:
    longest = _LONGEST + load.seconds
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.bundled"],
            cwd=ROOT,
            input=msgspec.msgpack.encode(load),
            capture_output=True,
            check=False,
            timeout=longest,
        )
    except subprocess.TimeoutExpired:
        raise LoadError(f"an answer was not there after {longest:.0f} s") from None
    if done.returncode != 0:
        raise LoadError(done.stderr.decode(errors="replace").strip()[-600:])
    return msgspec.msgpack.decode(done.stdout, type=list[Outcome])
