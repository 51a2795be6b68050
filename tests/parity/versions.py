"""The versions of the original, each with a package of its own under `versions/`."""

import os
from pathlib import Path
from urllib.parse import quote

from tests import node

RECORD = "1.7.25"  # whose answers count
# Names another folder with a package, to be held against instead.
TRIED = "PARITY_PACKAGE"

PROGRAMS = Path(__file__).parent / "original"
_VERSIONS = Path(__file__).parent / "versions"


def package_of(version: str) -> Path:
    """The folder with its `package.json` and, once installed, its `node_modules`."""
    return _VERSIONS / version


def package() -> Path:
    """That of the version which scenarios are held against."""
    tried = os.environ.get(TRIED)
    return Path(tried) if tried else package_of(RECORD)


def command(program: str, folder: Path | None = None) -> list[str]:
    """Runs a program of `original/` on the version whose package lies in `folder`.

    Without one it is that of record, installed when it is not there.
    """
    packages = folder or package()
    node.install(packages)
    parent = quote((packages / "package.json").resolve().as_uri(), safe="")
    hook = f"{(PROGRAMS / 'packages.mjs').as_uri()}?folder={parent}"
    return [str(node.node()), "--import", hook, str(PROGRAMS / program)]
