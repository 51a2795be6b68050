"""`examples/nextjs-todo`, built and served by Next.js as its users do."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support import node, programs
from tests.system.js_client import service

from .place import Connection, Place, place_of_build

EXAMPLE = service.ROOT / "examples" / "nextjs-todo"
BUILDS = EXAMPLE / ".builds"
_SITE = BUILDS / "site"  # Next.js remembers what it built by its path
_NEXT = EXAMPLE / "node_modules" / "next" / "dist" / "bin" / "next"
_NOT_SOURCES = shutil.ignore_patterns("node_modules", ".*", "package-lock.json", "README.md")
_NOT_SERVED = shutil.ignore_patterns(".*")
_CONFIG = "const config: NextConfig = {"
# Types are checked in `tests/system/nextjs`, for a quarter of the CPU time that the build takes.
UNCHECKED = "typescript: { ignoreBuildErrors: true },"
# The second build takes half of the CPU time with what the first remembers.
_REMEMBERED = "experimental: { turbopackFileSystemCacheForBuild: true },"
_TERMINATED = 143  # what Next.js ends with after SIGTERM


@contextmanager
def running_app(place: Place) -> Iterator[None]:
    """Serve the app, built for the place's connection, at the place's ports.

    A build takes 20 seconds of CPU, and its ports are nothing but text in it.
    """
    built_for, built = place_of_build(place.connection), BUILDS / place.connection
    texts = {built_for.api: place.api, built_for.tasks: place.tasks}
    with running_copy(
        built, lambda: _build_once(built_for, built), texts, _environ(place), place.app_port
    ):
        yield


def built_app(connection: Connection) -> Path:
    """The app, built for this connection, with its sources."""
    built = BUILDS / connection
    with _alone():
        _build_once(place_of_build(connection), built)
    return built


@contextmanager
def running_copy(
    built: Path,
    build: Callable[[], None],
    texts: Mapping[str, str],
    environ: Mapping[str, str],
    port: int,
) -> Iterator[None]:
    """Serve a copy of `built`, as `build` leaves it there, with the second texts for the first."""
    BUILDS.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=BUILDS, prefix="running-") as name:
        folder = Path(name)
        with _alone():
            build()
            _copy_build(built, folder)
        holding = [
            _replace(path, texts) for path in (folder / ".next").rglob("*") if path.is_file()
        ]
        assert any(holding), "the build holds no port"
        command = [str(node.node()), str(_NEXT), "start", "--port", str(port)]
        with programs.running(command, environ, folder, port, ends_with=_TERMINATED):
            yield


@contextmanager
def _alone() -> Iterator[None]:
    """With all packages. Test processes run side by side: one builds, the others wait."""
    node.install(EXAMPLE)
    BUILDS.mkdir(exist_ok=True)
    with (BUILDS / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy_build(built: Path, folder: Path) -> None:
    """What `next start` reads, without what Next.js remembers for the next build."""
    shutil.copytree(built, folder, ignore=_NOT_SERVED, dirs_exist_ok=True)
    shutil.copytree(built / ".next", folder / ".next", ignore=shutil.ignore_patterns("cache"))


def _replace(path: Path, texts: Mapping[str, str]) -> bool:
    """Returns whether one of the texts was there."""
    old = new = path.read_bytes()
    for before, after in texts.items():
        new = new.replace(before.encode(), after.encode())
    if new != old:
        path.write_bytes(new)
    return new != old


def _build_once(place: Place, built: Path) -> None:
    """Builds where the sources or the packages are others than the last time."""
    stamp, sources = built / ".built", _describe_sources()
    wanted = f"{sources} {sorted(place.settings_of_app.items())}"
    if not stamp.exists() or stamp.read_text() != wanted:
        _copy_sources(sources)
        set_options(_SITE, UNCHECKED, _REMEMBERED)
        _build(place, _SITE)
        shutil.rmtree(built, ignore_errors=True)
        _copy_build(_SITE, built)
        stamp.write_text(wanted)


def _describe_sources() -> str:
    """The same for sources and packages that are the same."""
    digest = hashlib.sha256((EXAMPLE / "package-lock.json").read_bytes())
    for parent, folders, names in os.walk(EXAMPLE):
        folders[:] = sorted({*folders} - _NOT_SOURCES(parent, folders))
        for name in sorted({*names} - _NOT_SOURCES(parent, names)):
            path = Path(parent, name)
            digest.update(f"{path.relative_to(EXAMPLE)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _copy_sources(description: str) -> None:
    """Below the example, where its `node_modules` are found.

    What Next.js remembers of a build there stays for the other build of the same sources, only.
    """
    copied = _SITE / ".copied"
    if not copied.exists() or copied.read_text() != description:
        shutil.rmtree(_SITE, ignore_errors=True)
    shutil.copytree(EXAMPLE, _SITE, ignore=_NOT_SOURCES, dirs_exist_ok=True)
    copied.write_text(description)


def set_options(folder: Path, *options: str) -> None:
    """Put options into the `next.config.ts` there."""
    config = folder / "next.config.ts"
    text = config.read_text()
    assert text.count(_CONFIG) == 1
    config.write_text(text.replace(_CONFIG, "\n  ".join([_CONFIG, *options])))


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
