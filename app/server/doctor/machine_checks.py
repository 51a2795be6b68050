"""Checks of the machine: cores, open files, the time of a password hash, releases."""

import platform
import sys
import time
from collections.abc import Iterator
from typing import Final

from ... import __version__
from ...auth.passwords.hashes import Kind
from ...auth.passwords.hashing import Passwords
from ...settings.settings import Settings
from ...settings.system import count_cores, find_open_file_limit
from .finding import Finding, Result

SLOWEST: Final = 0.5  # seconds that a user should wait for a hash
FASTEST: Final = 0.05
FEWEST_FILES: Final = 4096
_TRIES: Final = 3


def inspect_release() -> Iterator[Finding]:
    """Says what runs."""
    line = f"better-auth-python {__version__}, Python {platform.python_version()}, {sys.platform}"
    yield Finding("release", Result.OK, line)


def inspect_workers(settings: Settings, cores: int | None = None) -> Iterator[Finding]:
    """Compares the processes with the cores."""
    found, workers = cores or count_cores(), settings.workers
    line = f"{workers} {'process' if workers == 1 else 'processes'}, {found} cores"
    if workers > found:
        remedy = f"set WORKERS={found}: more processes than cores only wait for each other"
        yield Finding("workers", Result.WARNING, line, remedy)
    else:
        yield Finding("workers", Result.OK, line)


def inspect_open_files(settings: Settings, limit: int | None = None) -> Iterator[Finding]:
    """Checks how many connections a process may hold open."""
    found = find_open_file_limit() if limit is None else limit
    if found is None:
        yield Finding("open files", Result.UNCHECKED, "this system does not tell the limit")
    elif found < FEWEST_FILES and settings.is_https:
        line = f"a process may open {found} files, and each connection is one"
        remedy = "raise it: `ulimit -n 65536`, or LimitNOFILE=65536 in the systemd unit"
        yield Finding("open files", Result.WARNING, line, remedy)
    else:
        yield Finding("open files", Result.OK, f"a process may open {found}")


async def inspect_hashing(passwords: Passwords, settings: Settings) -> list[Finding]:
    """Measures a password hash here: in seconds of a core, which others may share."""
    seconds = min([await _measure(passwords) for _ in range(_TRIES)])
    threads = max(1, count_cores() // settings.workers) * settings.workers
    line = f"{seconds * 1000:.0f} ms for each hash, so about {threads / seconds:.0f} a second"
    # Better Auth's scrypt has no parameters to choose.
    is_argon2id = passwords.preferred.kind is Kind.ARGON2ID
    if seconds > SLOWEST:
        means = "cheaper parameters or a faster machine" if is_argon2id else "a faster machine"
        remedy = f"use {means}: sign-ins wait, and few fit in a second"
        return [Finding("hashing", Result.WARNING, line, remedy)]
    if seconds < FASTEST and is_argon2id:
        line += "; `hash calibrate` finds more expensive parameters"
    return [Finding("hashing", Result.OK, line)]


async def _measure(passwords: Passwords) -> float:
    start = time.process_time()
    await passwords.hash("a password of the usual length")
    return time.process_time() - start
