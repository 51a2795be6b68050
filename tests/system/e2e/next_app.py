"""`examples/nextjs-todo`, built and served by Next.js as its users do."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support import node, programs
from tests.system.js_client import service

from .place import Place, place_of_build

EXAMPLE = service.ROOT / "examples" / "nextjs-todo"
BUILDS = EXAMPLE / ".builds"
_NEXT = EXAMPLE / "node_modules" / "next" / "dist" / "bin" / "next"
_NOT_SOURCES = shutil.ignore_patterns("node_modules", ".*", "package-lock.json", "README.md")
_NOT_SERVED = shutil.ignore_patterns(".*")
_TERMINATED = 143  # what Next.js ends with after SIGTERM


@contextmanager
def running_app(place: Place) -> Iterator[None]:
    """Serve the app, built for the place's connection, at the place's ports."""
    node.install(EXAMPLE)
    BUILDS.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=BUILDS, prefix="running-") as name:
        folder = Path(name)
        _copy_build(place, folder)
        command = [str(node.node()), str(_NEXT), "start", "--port", str(place.app_port)]
        with programs.running(
            command, _environ(place), folder, place.app_port, ends_with=_TERMINATED
        ):
            yield


def _copy_build(place: Place, folder: Path) -> None:
    """Writes the build of this connection into `folder`, with the place's ports in it.

    A build takes 20 seconds of CPU, and its ports are nothing but text in it.
    """
    built_for = place_of_build(place.connection)
    built = BUILDS / place.connection
    built.mkdir(exist_ok=True)
    # Test processes run side by side: one builds, the others wait.
    with (built / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _build_once(built_for, built)
        shutil.copytree(built, folder, ignore=_NOT_SERVED, dirs_exist_ok=True)
        shutil.copytree(built / ".next", folder / ".next", ignore=shutil.ignore_patterns("cache"))
    holding = [
        _replace(path, {built_for.api: place.api, built_for.tasks: place.tasks})
        for path in (folder / ".next").rglob("*")
        if path.is_file()
    ]
    assert any(holding), "the build holds no port"


def _replace(path: Path, texts: Mapping[str, str]) -> bool:
    """Returns whether one of the texts was there."""
    old = new = path.read_bytes()
    for before, after in texts.items():
        new = new.replace(before.encode(), after.encode())
    if new != old:
        path.write_bytes(new)
    return new != old


def _build_once(place: Place, folder: Path) -> None:
    """Builds where the sources or the packages are others than the last time."""
    stamp, wanted = folder / ".built", _describe_build(place)
    if not stamp.exists() or stamp.read_text() != wanted:
        stamp.unlink(missing_ok=True)
        _copy_sources(folder)
        _build(place, folder)
        stamp.write_text(wanted)


def _describe_build(place: Place) -> str:
    """The same for builds that come out the same."""
    digest = hashlib.sha256((EXAMPLE / "package-lock.json").read_bytes())
    digest.update(repr(sorted(place.settings_of_app.items())).encode())
    for parent, folders, names in os.walk(EXAMPLE):
        folders[:] = sorted({*folders} - _NOT_SOURCES(parent, folders))
        for name in sorted({*names} - _NOT_SOURCES(parent, names)):
            path = Path(parent, name)
            digest.update(f"{path.relative_to(EXAMPLE)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _copy_sources(folder: Path) -> None:
    """Below the example, where its `node_modules` are found."""
    for old in folder.iterdir():
        if old.is_dir() and not old.name.startswith("."):
            shutil.rmtree(old)
        elif old.name != ".lock" and old.is_file():
            old.unlink()
    shutil.copytree(EXAMPLE, folder, ignore=_NOT_SOURCES, dirs_exist_ok=True)


def _build(place: Place, folder: Path) -> None:
    done = subprocess.run(
        [node.node(), _NEXT, "build"],
        cwd=folder,
        env=_environ(place),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def _environ(place: Place) -> dict[str, str]:
    kept = {name: value for name, value in service.inherited().items() if name != "PYTHONPATH"}
    return {**kept, **place.settings_of_app}
