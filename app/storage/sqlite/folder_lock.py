"""A lock that the processes of one machine share, with no file of its own."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lock_folder(folder: Path, *, unlockable: bool = True) -> Iterator[bool]:
    """Locks the folder for the block. False if another process has locked it.

    The system releases the lock of a process that dies. `unlockable` is the value where a folder
    cannot be locked: on Windows, and on some file systems.
    """
    try:
        # Not the database itself: to close it once more would end SQLite's own locks.
        opened = os.open(folder, os.O_RDONLY)
    except OSError:
        yield unlockable
        return
    try:
        yield _try_lock(opened, unlockable=unlockable)
    finally:
        os.close(opened)


def _try_lock(opened: int, *, unlockable: bool) -> bool:
    taken = unlockable
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 - Windows has none

        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            taken = False
        except OSError:
            taken = unlockable
        else:
            taken = True
    return taken
