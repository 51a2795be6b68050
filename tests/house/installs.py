"""`make installs`: the locks install with the pips that a fresh machine may have.

On Python 3.11 and on the newest that is here, each with the oldest pip that came with it and with
the newest there is: the service's lock through the Makefile, as `make serve` does it, and the other
locks without unpacking what they download. Needs nothing but Python, because it is what tells
whether the rest can be installed.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

_ROOT: Final = Path(__file__).parents[2]
_OLDEST_PIP: Final = {"3.11": "22.3", "3.12": "23.2.1", "3.13": "24.2", "3.14": "25.2"}
_LOCKS: Final = ("requirements.txt", "requirements-build.txt")
_MAKES: Final = ("Makefile", *_LOCKS, "pyproject.toml", "LICENSE")
_OTHER_LOCKS: Final = (
    "requirements-dev.txt",
    "requirements-otel.txt",
    "requirements-bridge.txt",
    "requirements-embedding.txt",
    "benchmarks/peer/requirements.txt",
    "examples/fastapi-tasks/requirements.txt",
    "examples/fastapi-embedded/requirements.txt",
)
_AS_MADE: Final = ("--quiet", "--no-deps", "--require-hashes")  # as the Makefile has it
_SECONDS: Final = 300  # what one installation may take where everything is downloaded first
# uv and pyenv keep interpreters where no PATH leads to.
_KEPT: Final = (".local/share/uv/python/*/bin", ".pyenv/versions/*/bin")


class InstallError(Exception):
    """Something can't be installed: what was run, and what it said."""


class Machine(NamedTuple):
    """A Python, the pip that it is given, of which empty is the newest, and how much it tries."""

    version: str
    python: Path
    pip: str
    every_lock: bool

    @property
    def name(self) -> str:
        return f"Python {self.version}, {self.pip or 'the newest pip'}"


def main() -> int:
    """Installs all, two at a time, and prints a line for each; the status is 1 if one fails."""
    found = {version: python for version in _OLDEST_PIP if (python := _interpreter(version))}
    missing = [version for version in _OLDEST_PIP if version not in found]
    if missing:
        print(f"not to be had here, so not tried: Python {', '.join(missing)}")
    if not found:
        print("no Python 3.11 or newer was found", file=sys.stderr)
        return 1
    with ThreadPoolExecutor(2) as pool:
        lines = list(pool.map(_try, _machines(found)))
    return int(not all(lines))


def _machines(found: dict[str, Path]) -> Iterator[Machine]:
    """The oldest and the newest Python, each twice; the outermost try every lock."""
    versions = list(found)
    oldest, newest = versions[0], versions[-1]
    for version in dict.fromkeys((oldest, newest)):
        pip = f"pip=={_OLDEST_PIP[version]}"
        yield Machine(version, found[version], pip, every_lock=version == oldest)
        yield Machine(version, found[version], "", every_lock=version == newest)


def _try(machine: Machine) -> bool:
    began = time.monotonic()
    try:
        with TemporaryDirectory() as folder:
            pip = _install(machine, Path(folder))
    except InstallError as fault:
        print(f"failed  {machine.name}: {fault}", file=sys.stderr)
        return False
    took = time.monotonic() - began
    print(f"works   Python {machine.version}, {pip} ({took:.0f} s)")
    return True


def _install(machine: Machine, folder: Path) -> str:
    """Runs what the Makefile runs, with that pip; answers which it was."""
    for name in _MAKES:
        shutil.copy(_ROOT / name, folder)
    _run(folder, machine.python, "-m", "venv", ".venv")
    python = folder / ".venv" / "bin" / "python"
    pip = (python, "-m", "pip")
    _run(folder, *pip, "install", "--quiet", "--upgrade", machine.pip or "pip")
    (folder / ".venv" / ".made").touch()
    _run(folder, "make", ".venv/.runtime")
    _run(folder, *pip, "check")  # the lock is complete: nothing that it needs is missing
    if machine.every_lock:
        for part in ("app", "packages"):
            shutil.copytree(_ROOT / part, folder / part)
        _run(folder, "make", "wheel")
        for lock in _OTHER_LOCKS:
            _run(folder, *pip, "install", *_AS_MADE, "--dry-run", "-r", _ROOT / lock)
    _run(_ROOT, python, "-m", "app", "secret")
    return " ".join(_run(folder, *pip, "--version").split()[:2])


def _interpreter(version: str) -> Path | None:
    name = f"python{version}"
    kept = [each for pattern in _KEPT for each in Path.home().glob(f"{pattern}/{name}")]
    on_path = shutil.which(name)
    for python in [*([Path(on_path)] if on_path else []), *kept]:
        # pyenv's stand-ins are there for versions that are not chosen; Debian splits `venv` off.
        tried = "import ensurepip, venv, sys; print(sys.executable)"
        done = subprocess.run([python, "-c", tried], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return Path(done.stdout.strip())
    return None


def _run(folder: Path, *command: str | Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MAKELEVEL"}}
    environment |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_COMPILE": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InstallError(f"{_said(command)} took more than {_SECONDS} s") from None
    if done.returncode:
        raise InstallError(f"{_said(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def _said(command: tuple[str | Path, ...]) -> str:
    return " ".join(map(str, command))


if __name__ == "__main__":
    sys.exit(main())
