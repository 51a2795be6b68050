"""What a figure hangs on: the machine, and the version of everything."""

import json
import os
import platform
import re
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks import cores
from benchmarks.load import Generator
from tests.support import node
from tests.support.postgres import program
from tests.system.parity.versions import package

_LIBRARIES: Final = ("litestar", "uvicorn", "sqlalchemy", "argon2-cffi")
_BUSY: Final = 0.5  # of the load average: more than the benchmark itself leaves behind
_PEER_LOCK: Final = Path(__file__).parent / "peer" / "requirements.txt"


def load_average() -> float:
    """Of the last minute."""
    return os.getloadavg()[0]


def warning(load: float) -> str:
    """Empty when the machine was quiet enough."""
    if load < _BUSY:
        return ""
    return f"The machine was busy when this began (load average {load:.2f}): measure again."


def machine() -> list[str]:
    system = f"{platform.system()} {platform.release()}"
    return [
        f"{datetime.now(UTC):%Y-%m-%d}",
        f"{_processor()}, {len(cores.of_machine())} cores, {_memory():.0f} GiB, {system}",
    ]


def versions(generator: Generator) -> list[str]:
    node_version = _said(node.node(), "--version")
    node_sqlite = _said(node.node(), "-p", "process.versions.sqlite")
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return [
        f"original: Better Auth {_original()}, Node {node_version}, SQLite {node_sqlite}",
        f"ours: Python {platform.python_version()}, {libraries}, SQLite {sqlite3.sqlite_version}",
        f"better-auth-server {_peer()}, on the same Python",
        _said(program("postgres"), "--version"),
        f"load: {'wrk, and ' if generator.wrk else ''}the bundled generator",
    ]


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", _text("/proc/cpuinfo"), re.MULTILINE)
    return found[1] if found else platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _original() -> str:
    lock = json.loads((package() / "package-lock.json").read_text())
    return str(lock["packages"]["node_modules/better-auth"]["version"])


def _peer() -> str:
    found = re.search(
        r"^better-auth-server(?:\[.*\])?==(\S+)", _PEER_LOCK.read_text(), re.MULTILINE
    )
    return found[1] if found else "?"


def _said(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _text(path: str) -> str:
    return Path(path).read_text()
