"""Where tests write: in memory, because each transaction of SQLite waits until a disk has it.

What is in a file stays there when a process is killed, on a disk and in memory. A power cut, after
which only a disk has it, no test can make.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108  # each folder in it has a name of its own
_ROOM = 4 * 2**30  # bytes; a container often has 64 MB
_PYTEST_ROOT = "PYTEST_DEBUG_TEMPROOT"
_POSTGRES = "better-auth-postgres-"


def find_memory() -> Path | None:
    """None where there is too little, no program may run from it, or somebody chose a place."""
    if sys.platform == "linux" and "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK):
        found = os.statvfs(_MEMORY)
        is_enough = found.f_bavail * found.f_frsize >= _ROOM
        if is_enough and not found.f_flag & os.ST_NOEXEC:
            return _MEMORY
    return None


def put_folders_there() -> None:
    """Those of `tmp_path`, here and in the workers that start from here; clears up before."""
    clear(_MEMORY)
    if (memory := find_memory()) is not None:
        os.environ.setdefault(_PYTEST_ROOT, str(memory))


def name_postgres() -> str:
    """How the folder of a server of this process begins."""
    return f"{_POSTGRES}{os.getpid()}-"


def clear(memory: Path) -> None:
    """Removes what runs left there that were killed: nothing else would before a restart.

    A PostgreSQL server ends within a minute when its folder is gone.
    """
    for folder, pid in _list_owned(memory):
        if not _is_running(pid):
            shutil.rmtree(folder, ignore_errors=True)


def _list_owned(memory: Path) -> Iterator[tuple[Path, int]]:
    for folder in memory.glob(f"{_POSTGRES}*"):
        if found := re.match(rf"{_POSTGRES}(\d+)-", folder.name):
            yield folder, int(found[1])
    for lock in memory.glob("pytest-of-*/pytest-*/.lock"):  # pytest writes its id into it
        with suppress(OSError, ValueError):  # it is another user's, or a run ends just now
            yield lock.parent, int(lock.read_text())


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Whether it ended, and nobody asked how: as in a container without an init process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "Z"
