"""`examples/nextjs-todo`, built and served by Next.js as its users do."""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import node, programs
from tests.system.js_client import service

from .place import Place

EXAMPLE = service.ROOT / "examples" / "nextjs-todo"
_NEXT = EXAMPLE / "node_modules" / "next" / "dist" / "bin" / "next"
_NOT_SOURCES = shutil.ignore_patterns("node_modules", ".*", "package-lock.json", "README.md")
_TERMINATED = 143  # what Next.js ends with after SIGTERM


@contextmanager
def running_app(place: Place) -> Iterator[None]:
    """Build the app for these ports and serve it, in a folder that no other process has meanwhile.

    The folder stays, so that the next build finds its cache.
    """
    node.install(EXAMPLE)
    folder = EXAMPLE / ".builds" / place.connection
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _copy_sources(folder)
        _build(place, folder)
        command = [str(node.node()), str(_NEXT), "start", "--port", str(place.app_port)]
        with programs.running(
            command, _environ(place), folder, place.app_port, ends_with=_TERMINATED
        ):
            yield


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
