"""Environments with nothing in them but the built wheel, and what an extra of it brings."""

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements-bridge.txt"
BUILD_LOCK = ROOT / "requirements-build.txt"
_BUILT = ROOT / "build" / "bridge"  # git and the checks pass over build/
_BUILD = (ROOT / "pyproject.toml", ROOT / "app" / "__init__.py")
_UV = (sys.executable, "-m", "uv", "--quiet")


def environment(extras: str, *others: str) -> Path:
    """The Python of an environment with `better-auth-bridge[extras]` and `others`, locked.

    Every version and every file is that of the lock: uv refuses a hash that is not in it. Made
    once for a state of the sources, whichever test process asks first.
    """
    with _alone():
        folder = _current()
        bridge = f"better-auth-bridge[{extras}] @ {_wheel(folder).as_uri()}"
        name = "-".join((extras.replace(",", "-") or "core", *others))
        return _made(folder / name, ("--constraint", str(LOCK), bridge, *others))


def locked_environment(lock: Path) -> Path:
    """The Python of an environment with the whole of this lock, and the bridge."""
    with _alone():
        folder = _current()
        name = f"{lock.parent.name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
        locked = ("--require-hashes", "--requirement", str(lock))
        return _made(folder / name, locked, ("--no-deps", str(_wheel(folder))))


def built_wheel() -> Path:
    """The wheel as `make wheel` builds it."""
    with _alone():
        return _wheel(_BUILT / _state())


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


def _wheel(folder: Path) -> Path:
    if not (found := list(folder.glob("*.whl"))):
        options = ("--build-constraints", BUILD_LOCK, "--require-hashes", "--out-dir", folder)
        _run(*_UV, "build", "--wheel", *options, ROOT)
        found = list(folder.glob("*.whl"))
    return found[0]


def _current() -> Path:
    """Where this state's environments are; those of other states are gone."""
    folder = _BUILT / _state()
    if not folder.exists():
        shutil.rmtree(_BUILT, ignore_errors=True)
    return folder


def _made(environment: Path, *installed: tuple[str, ...]) -> Path:
    """Its Python, after these were installed, one set of arguments after the other."""
    python = environment / "bin" / "python"
    if not (environment / "ready").exists():
        _run(*_UV, "venv", "--clear", "--python", sys.executable, environment)
        for arguments in installed:
            _run(*_UV, "pip", "install", "--python", python, *arguments)
        (environment / "ready").touch()
    return python


def _state() -> str:
    """What the environments are made of, as a name."""
    sources = sorted((ROOT / "app" / "bridge").rglob("*.py"))
    contents = (path.read_bytes() for path in (LOCK, BUILD_LOCK, *_BUILD, *sources))
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
