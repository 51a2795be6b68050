"""The command line as users run it: in a process, a folder and an environment of its own."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
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


def run_typed(
    folder: Path, typed: str, *arguments: str, **given: str
) -> "subprocess.CompletedProcess[str]":
    """As `run`, with a standard input, which is no terminal."""
    return ready_process.run(arguments, environment(**given), folder, timeout=60, typed=typed)


def run_printed(
    folder: Path, line: str, environ: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """A line of a page."""
    program, *arguments = shlex.split(line, comments=True)
    assert (program, *arguments[:2]) == (".venv/bin/python", "-m", "app")
    return ready_process.run(arguments[2:], environ, folder, timeout=60)


def environment(**given: str) -> dict[str, str]:
    """What a process needs to find the program, and what is given."""
    inherited = {name: text for name, text in os.environ.items() if name.startswith("COV")}
    return {**inherited, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **given}
