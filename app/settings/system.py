"""The differences between Linux, macOS and Windows."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from getpass import getuser
from io import TextIOWrapper
from pathlib import Path
from typing import Final

_METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"


def count_cores() -> int:
    """Returns the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def get_account_name() -> str:
    """Returns the name of the account under which this process runs, for the audit."""
    try:
        return getuser()
    except (OSError, KeyError, ImportError):  # a container may run as a number that has no name
        name = "unknown"
        if sys.platform != "win32":
            name = f"uid {os.getuid()}"
        return name


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


@contextmanager
def publish_metrics_folder(folder: Path) -> Iterator[None]:
    """Names the folder to prometheus-client in all processes that start in the block."""
    os.environ[_METRICS_FOLDER] = str(folder)
    try:
        yield
    finally:
        del os.environ[_METRICS_FOLDER]


def find_metrics_folder() -> Path | None:
    """Returns the folder that the parent of this process has named, if it did."""
    named = os.environ.get(_METRICS_FOLDER)
    return None if named is None else Path(named)


def find_open_file_limit() -> int | None:
    """Returns how many files this process may open. None if the system does not say."""
    limit = None
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has none

        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return limit
