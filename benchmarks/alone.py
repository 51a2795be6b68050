"""What is measured without a server: the verifier, its import, and the hash by itself."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from benchmarks import cores
from benchmarks.book import Line
from benchmarks.load import ROOT, LoadError
from benchmarks.rows import Turn

_TIMEOUT: Final = 60
_NO_ARGON2: Final = dict.fromkeys(("original", "better-auth-server"), "hashes with scrypt")


class Alone(Struct, frozen=True):
    """A program of `benchmarks.programs` prints the figure."""

    name: str
    line: Line
    program: str
    on: cores.Cores
    lacking: Mapping[str, str] = {}

    @property
    def lines(self) -> tuple[Line, ...]:
        return (self.line,)

    def figures(self, turn: Turn) -> list[float]:
        command = [sys.executable, "-m", f"benchmarks.programs.{self.program}"]
        return [_printed([*command, str(turn.plan.seconds)], self.on.server)]


VERIFY: Final = Alone(
    "verify",
    Line("verify", "`Verifier.verify`, HS256", "µs", less_is_better=True),
    "verifying",
    cores.apart(),
)
IMPORT: Final = Alone(
    "import",
    Line("import", "`import better_auth_bridge`", "ms", less_is_better=True),
    "importing",
    cores.apart(),
)
FIRST_VERIFIER: Final = Alone(
    "first-verifier",
    Line("first-verifier", "… and the first `Verifier`", "ms", less_is_better=True),
    "first_verifier",
    cores.apart(),
)
ARGON2: Final = Alone(
    "argon2",
    Line("argon2", "bare argon2-cffi on both cores"),
    "hashing",
    cores.together(),
    _NO_ARGON2,
)


def _printed(command: Sequence[str], on: Sequence[int]) -> float:
    with cores.on(on):
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_TIMEOUT
        )
    if done.returncode != 0:
        raise LoadError(done.stderr.strip()[-300:])
    return float(done.stdout)
