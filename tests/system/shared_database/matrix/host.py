"""The Node servers of the matrix: all in one process, on what the tools made once."""

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from tests.support import node, programs
from tests.system.js_client.service import PAGE, SECRET
from tests.system.parity.database import Place
from tests.system.parity.host import Host
from tests.system.parity.options import BASE_URL, Setup
from tests.system.parity.servers import Server
from tests.system.parity.side import Side
from tests.system.parity.storage import Storage

from .applications import Application

NODE = Path(__file__).parent / "node"
MADE = NODE / "node_modules" / ".made"
_SOURCES = ("package-lock.json", "make.mjs", "setups.mjs")
ZONE = "UTC"


@cache
def start_host(server: str, zone: str = ZONE) -> Host:
    """The one of this process for a time zone. `server` is any database of PostgreSQL's server."""
    make(server)
    return Host([str(node.node()), str(NODE / "host.mjs"), str(MADE)], TZ=zone)


def make(server: str) -> None:
    """Let the tools make tables and clients; costs nothing when they have."""
    node.install(NODE)
    wanted = hashlib.sha256(b"".join((NODE / each).read_bytes() for each in _SOURCES)).hexdigest()
    stamp = MADE / "stamp"
    with (NODE / "make.mjs").open() as shared:
        fcntl.flock(shared, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        MADE.mkdir(exist_ok=True)
        subprocess.run(
            [str(node.node()), str(NODE / "make.mjs"), str(MADE)],
            env={**os.environ, "DATABASE_URL": server},
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=300,
        )
        stamp.write_text(wanted)


_DONE: Final = "in sync with"


def push(application: Application, place: Place, **variables: str) -> str:
    """Let the application's tool bring the database to what its schema says; what it prints."""
    environ = {"NAME": application.name, "DATABASE_URL": place.url or f"file:{place.file}"}
    if application.name.startswith("drizzle"):
        program, folder = "drizzle-kit/bin.cjs", MADE
        words = ["push", "--force", "--verbose", "--config", "../../drizzle.config.mjs"]
    else:
        program, folder = "prisma/build/index.js", MADE / application.name
        words = ["db", "push", "--skip-generate", "--accept-data-loss"]
        environ |= {"PRISMA_SCHEMA_ENGINE_BINARY": str(node.node()), "CHECKPOINT_DISABLE": "1"}
    with subprocess.Popen(
        [str(node.node()), str(NODE / "node_modules" / program), *words],
        cwd=folder,
        env={**os.environ, **environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as tool:
        assert tool.stdout is not None
        said = ""
        for line in tool.stdout:
            said += line
            if _DONE in line:  # Prisma on PostgreSQL waits for a minute after it
                tool.kill()
    assert _DONE in said or tool.returncode == 0, said
    return said


@contextmanager
def serving(
    host: Host, application: Application, place: Place, *, makes_tables: bool = False
) -> Iterator[Side]:
    """The application's Node server on a database, whose tables its tools make first."""
    port = programs.free_port()
    where = {"FILE": place.file} if place.file else {"URL": place.url}
    environ = {
        "NAME": application.name,
        "PORT": str(port),
        "SECRET": SECRET,
        "BASE_URL": BASE_URL,
        "PAGE": PAGE,
        "TABLES": "make" if makes_tables else "",
        "HASHES": "" if application.has_own_hashes else "cheap",
        **where,
    }
    setup = Setup()
    with host.running(environ):
        yield Server(port, place, None, Storage("")).side(setup)
