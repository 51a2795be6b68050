"""The command line as users run it: a process of its own in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SECRET = "fVn3Zq8LwX1cR6tYbH5uJ0kMdG2sPa9e"


def run(folder: Path, *arguments: str, **given: str) -> "subprocess.CompletedProcess[str]":
    """Run to the end; the environment holds nothing but what is given."""
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=folder,
        env=environment(**given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def environment(**given: str) -> dict[str, str]:
    """What a process needs to find the program, and what is given."""
    inherited = {name: text for name, text in os.environ.items() if name.startswith("COV")}
    return {**inherited, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **given}
