"""`examples/nextjs-todo`, built and served by Next.js as its users do."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import node, programs
from tests.system.js_client import service

from .place import Connection, Place

EXAMPLE = service.ROOT / "examples" / "nextjs-todo"
_NEXT = EXAMPLE / "node_modules" / "next" / "dist" / "bin" / "next"
_NOT_SOURCES = shutil.ignore_patterns("node_modules", ".*", "package-lock.json", "README.md")
_TERMINATED = 143  # what Next.js ends with after SIGTERM


@contextmanager
def running_app(place: Place, folder: Path) -> Iterator[None]:
    """Serve the app, built for these ports, in a folder that no other process has meanwhile.

    It is built where the sources, the packages or the ports are others than the last time.
    """
    node.install(EXAMPLE)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, wanted = folder / ".built", _describe_build(place)
        if not stamp.exists() or stamp.read_text() != wanted:
            stamp.unlink(missing_ok=True)
            _copy_sources(folder)
            _build(place, folder)
            stamp.write_text(wanted)
        command = [str(node.node()), str(_NEXT), "start", "--port", str(place.app_port)]
        with programs.running(
            command, _environ(place), folder, place.app_port, ends_with=_TERMINATED
        ):
            yield


def folder_of(connection: Connection, *, has_task_server: bool) -> Path:
    return EXAMPLE / ".builds" / f"{connection}{'-tasks' if has_task_server else ''}"


def _describe_build(place: Place) -> str:
    """The same for builds that come out the same."""
    digest = hashlib.sha256((EXAMPLE / "package-lock.json").read_bytes())
    digest.update(repr((place.app_port, sorted(place.settings_of_app.items()))).encode())
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
        elif old.name not in {".lock", "ports.json"} and old.is_file():
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
