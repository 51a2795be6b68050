"""The differences between Linux, macOS and Windows."""

import os
import socket
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path


def count_cores() -> int:
    """Returns the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def reserve_port(opened: socket.socket) -> None:
    """Prepares a socket before bind: it can reuse a port that was just closed."""
    if sys.platform == "win32":
        # There SO_REUSEADDR would let any other program take the same port.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def describe_owner(path: Path) -> str:
    """Returns the owner of a file, after a comma. Empty if the system does not say."""
    if sys.platform != "win32":
        with suppress(OSError, KeyError):
            return f", it belongs to {path.owner()} and has mode {path.stat().st_mode & 0o777:04o}"
    return ""


def write_utf8() -> None:
    """Sets the output to UTF-8. A pipe on Windows would use the local code page."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
