"""The versions of the original, each with a package of its own under `versions/`."""

import os
from pathlib import Path
from urllib.parse import quote

from tests.support import node

RECORD = "1.7.25"  # whose answers count
OLDER = "1.7.7"  # which may still run beside this server
# Names the folder of another package, to be held against instead; `trial.py` sets it.
TRIED = "PARITY_PACKAGE"

PROGRAMS = Path(__file__).parent / "original"
_VERSIONS = Path(__file__).parent / "versions"
_COUNTERS = "node_modules/better-auth/dist/api/rate-limiter/index.mjs"


def package_of(version: str) -> Path:
    """The folder with its `package.json` and, once installed, its `node_modules`."""
    return _VERSIONS / version


def package() -> Path:
    """That of the version which scenarios are held against."""
    return Path(os.environ[TRIED]) if is_tried() else package_of(RECORD)


def is_tried() -> bool:
    """Whether another version than that of record is held against."""
    return bool(os.environ.get(TRIED))


def forgets_counters(folder: Path) -> bool:
    """Whether `original/counters.mjs` finds what this version counts in memory."""
    return "\nconst memory = " in (folder / _COUNTERS).read_text()


def command(program: str, folder: Path | None = None) -> list[str]:
    """Runs a program of `original/` on the version whose package lies in `folder`.

    Without one it is that of record, installed when it is not there.
    """
    packages = folder or package()
    node.install(packages)
    parent = quote((packages / "package.json").resolve().as_uri(), safe="")
    hook = f"{(PROGRAMS / 'packages.mjs').as_uri()}?folder={parent}"
    return [str(node.node()), "--import", hook, str(PROGRAMS / program)]
