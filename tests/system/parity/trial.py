"""`python -m tests.system.parity.trial 1.7.26` holds the scenarios against another version.

The version is installed into a temporary copy of the package; what differs is printed, and nothing
here is changed. To move on for good, give the version a folder in `versions/`.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support import node

from .endpoints import ROOT
from .versions import RECORD, TRIED, package_of

_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[\w.]+)?")
_PACKAGE = "better-auth"
# What the page says of the version of record is no question about another.
_TESTS = (
    "tests/system/parity/test_parity.py",
    "tests/system/parity/test_page.py::test_every_endpoint_of_the_original_is_offered",
)


def main(arguments: list[str]) -> int:
    """A version, and what else pytest is to be told, such as `-k sessions`."""
    if not arguments or not _VERSION.fullmatch(arguments[0]):
        sys.stderr.write("Name a version of better-auth: make parity VERSION=1.2.3\n")
        return 2
    version, *options = arguments
    with tempfile.TemporaryDirectory(prefix="better-auth-") as folder:
        try:
            prepare(Path(folder), version)
        except subprocess.CalledProcessError:
            sys.stderr.write(f"{_PACKAGE} {version} could not be installed: npm says why above\n")
            return 1
        return _play(Path(folder), options)


def prepare(folder: Path, version: str) -> None:
    """Install the package of the version of record there, with the other version in it."""
    document = json.loads((package_of(RECORD) / "package.json").read_text())
    document["dependencies"][_PACKAGE] = version
    (folder / "package.json").write_text(json.dumps(document))
    node.lock(folder)
    node.install(folder)


def _play(package: Path, options: list[str]) -> int:
    """Gives the status that pytest ends with."""
    run = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short", "-rN"]
    workers = ["-n", "auto", "--dist", "loadgroup"]
    environ = {**os.environ, TRIED: str(package)}
    command = [*run, *workers, *_TESTS, *options]
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
