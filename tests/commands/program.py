"""The command line as users run it: in a process, a folder and an environment of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support import ready_process
from tests.support.secret import STRONG_SECRET

ROOT = Path(__file__).parent.parent.parent
SECRET = STRONG_SECRET


def run(folder: Path, *arguments: str, **given: str) -> "subprocess.CompletedProcess[str]":
    """Run to the end; the environment holds nothing but what is given."""
    return ready_process.run(arguments, environment(**given), folder, timeout=60)


def run_from_nothing(
    folder: Path, *arguments: str, **given: str
) -> "subprocess.CompletedProcess[str]":
    """The same with a new interpreter, which has to find and import everything."""
    command = [sys.executable, "-m", "app", *arguments]
    own = environment(**given)
    return subprocess.run(
        command, cwd=folder, env=own, capture_output=True, text=True, timeout=60, check=False
    )


def environment(**given: str) -> dict[str, str]:
    """What a process needs to find the program, and what is given."""
    inherited = {name: text for name, text in os.environ.items() if name.startswith("COV")}
    return {**inherited, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **given}
