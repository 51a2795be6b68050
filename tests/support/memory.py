"""Where tests write: in memory, because each transaction of SQLite waits until a disk has it.

What is in a file stays there when a process is killed, on a disk and in memory. A power cut, after
which only a disk has it, no test can make.
"""

import os
import sys
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108  # each folder in it has a name of its own
_ROOM = 4 * 2**30  # bytes; a container often has 64 MB
_PYTEST_ROOT = "PYTEST_DEBUG_TEMPROOT"


def find_memory() -> Path | None:
    """None where there is too little, no program may run from it, or somebody chose a place."""
    if sys.platform == "linux" and "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK):
        found = os.statvfs(_MEMORY)
        is_enough = found.f_bavail * found.f_frsize >= _ROOM
        if is_enough and not found.f_flag & os.ST_NOEXEC:
            return _MEMORY
    return None


def put_folders_there() -> None:
    """Those of `tmp_path`, here and in the workers that start from here."""
    if (memory := find_memory()) is not None:
        os.environ.setdefault(_PYTEST_ROOT, str(memory))
