"""The load generator wrk, told by a script to check every answer."""

import subprocess
import tempfile
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from benchmarks.streams import Load, Outcome, Stream

_SCRIPT: Final = Path(__file__).with_name("wrk.lua")
_TIMEOUT: Final = "30s"


class WrkError(Exception):
    """It was answered wrongly, or not at all."""


class _Said(Struct, frozen=True):
    count: int
    microseconds: int
    p50: float
    p99: float
    wrong: int
    failed: int


def can(load: Load) -> bool:
    """It repeats requests for whole seconds, has no rhythm, and drops what it awaits at the end."""
    first, *others = load.streams
    return not (others or first.once or first.slow or first.rate) and load.seconds >= 1


def run(port: int, stream: Stream, seconds: int) -> Outcome:
    """Raises `WrkError` after a wrong answer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requests"
        path.write_bytes(b"\0".join(stream.requests))
        told = [str(path), str(stream.status), stream.expected.decode()]
        options = ["-t1", f"-c{stream.connections}", f"-d{seconds}s", "--timeout", _TIMEOUT]
        command = ["wrk", *options, "-s", str(_SCRIPT), f"http://127.0.0.1:{port}", "--", *told]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise WrkError(f"wrk: {done.stderr.strip() or done.stdout.strip()}")
    said = msgspec.json.decode(done.stdout.splitlines()[-1], type=_Said)
    if said.wrong or said.failed or not said.count:
        raise WrkError(f"of {said.count} answers {said.wrong} were wrong, {said.failed} failed")
    return Outcome(said.count, said.microseconds / 1e6, said.p50 / 1e3, said.p99 / 1e3)
