"""What Linux, macOS and Windows do differently."""

import os
import socket
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path


def cores() -> int:
    """How many this process may use, as far as the system says."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def claim_port(opened: socket.socket) -> None:
    """Before it is bound: the port may have been used a moment ago, and is nobody else's now."""
    if sys.platform == "win32":
        # There SO_REUSEADDR would let any other program take the same port.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def ownership(path: Path) -> str:
    """Whose file it is, after a comma; empty where the system does not say."""
    if sys.platform != "win32":
        with suppress(OSError, KeyError):
            return f", it belongs to {path.owner()} and has mode {path.stat().st_mode & 0o777:04o}"
    return ""


def write_utf8() -> None:
    """For this process' output, which a pipe on Windows would take in the country's code page."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
