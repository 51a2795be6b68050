"""Environments with nothing in them but the built wheels, and what their extras bring."""

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements-bridge.txt"  # of the environments of both packages
OLDEST_LOCK = ROOT / "requirements-oldest.txt"
BUILD_LOCK = ROOT / "requirements-build.txt"
_BUILT = ROOT / "build"  # git and the checks pass over build/
_UV = (sys.executable, "-m", "uv", "--quiet")


class Package(NamedTuple):
    """What is published: where it is built, and of which files."""

    name: str
    project: Path
    sources: Path

    @property
    def built(self) -> Path:
        return _BUILT / self.sources.name


BRIDGE = Package("better-auth-bridge", ROOT, ROOT / "app" / "bridge")
SERVICE = Package("better-auth-service", ROOT / "packages" / "better-auth-service", ROOT / "app")


def environment(extras: str, *others: str) -> Path:
    """The Python of an environment with `better-auth-bridge[extras]` and `others`, locked.

    Every version and every file is that of the lock: uv refuses a hash that is not in it. Made
    once for a state of the sources, whichever test process asks first.
    """
    with _alone():
        folder = _current(BRIDGE)
        name = "-".join((extras.replace(",", "-") or "core", *others))
        return _made(folder / name, ("--constraint", LOCK, _wanted(BRIDGE, extras), *others))


def service_environment(extras: str = "", *others: str, lock: Path = LOCK) -> Path:
    """The same with `better-auth-service[extras]` and the core of the bridge."""
    with _alone():
        folder = _current(SERVICE)
        name = "-".join((lock.stem, extras.replace(",", "-") or "core", *others))
        wanted = (_wanted(SERVICE, extras), _wanted(BRIDGE, ""), *others)
        return _made(folder / name, ("--constraint", lock, *wanted))


def locked_environment(lock: Path) -> Path:
    """The Python of an environment with the whole of this lock, and the bridge."""
    with _alone():
        folder = _current(BRIDGE)
        name = f"{lock.parent.name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
        locked = ("--require-hashes", "--requirement", lock)
        return _made(folder / name, locked, ("--no-deps", _wheel(BRIDGE)))


def built_wheel(package: Package = BRIDGE) -> Path:
    """The wheel as `make wheel` builds it."""
    with _alone():
        return _wheel(package)


def build_from_sources(package: Package, folder: Path) -> Path:
    """The wheel that is made of the source distribution, in this folder."""
    _build(package.project, "--sdist", folder)
    (sources,) = folder.glob("*.tar.gz")
    _build(sources, "--wheel", folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def pasted(lines: str, folder: Path, constraint: Path = LOCK, venv: str = ".venv") -> Path:
    """The Python of the environment `venv` in `folder`, after these lines, in which pip is uv.

    That is faster, and keeps to locked versions.
    """
    python = folder / venv / "bin" / "python"
    if f"-m venv {venv}" not in lines:
        lines = f"python3 -m venv {venv}\n{lines}"
    locked = f"--constraint {constraint} --build-constraints {BUILD_LOCK}"
    installer = f"{sys.executable} -m uv pip install --quiet --python {python} {locked}"
    lines = lines.replace("python3 -m venv", f"{sys.executable} -m venv --without-pip")
    script = re.sub(r"^\S*pip install", installer, lines, flags=re.MULTILINE)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return python


def _wanted(package: Package, extras: str) -> str:
    named = f"{package.name}[{extras}]" if extras else package.name
    return f"{named} @ {_wheel(package).as_uri()}"


def _wheel(package: Package) -> Path:
    folder = _current(package)
    if not (found := list(folder.glob("*.whl"))):
        _build(package.project, "--wheel", folder)
        found = list(folder.glob("*.whl"))
    return found[0]


def _build(project: Path, kind: str, folder: Path) -> None:
    options = ("--build-constraints", BUILD_LOCK, "--require-hashes", "--out-dir", folder)
    _run(*_UV, "build", kind, *options, project)


def _current(package: Package) -> Path:
    """Where this state's environments are; those of other states are gone."""
    folder = package.built / _state(package)
    if not folder.exists():
        shutil.rmtree(package.built, ignore_errors=True)
    return folder


def _made(environment: Path, *installed: Sequence[str | Path]) -> Path:
    """Its Python, after these were installed, one set of arguments after the other."""
    python = environment / "bin" / "python"
    if not (environment / "ready").exists():
        _run(*_UV, "venv", "--clear", "--python", sys.executable, environment)
        for arguments in installed:
            _run(*_UV, "pip", "install", "--python", python, *arguments)
        (environment / "ready").touch()
    return python


@cache
def _state(package: Package) -> str:
    """What the environments are made of, as a name."""
    files = (path for path in package.sources.rglob("*") if "__pycache__" not in path.parts)
    sources = sorted(path for path in files if path.is_file())
    project = (path for path in package.project.iterdir() if path.is_file())
    shared = (LOCK, OLDEST_LOCK, BUILD_LOCK, ROOT / "pyproject.toml", ROOT / "app" / "__init__.py")
    named = sorted(project) if package is SERVICE else []
    contents = (path.read_bytes() for path in (*shared, *named, *sources))
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:12]


@contextmanager
def _alone() -> Iterator[None]:
    """Test processes run side by side: one builds, the others wait."""
    with LOCK.open() as shared:
        fcntl.flock(shared, fcntl.LOCK_EX)
        yield


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
