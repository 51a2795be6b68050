"""Checks that the path of a SQLite database is still the file that was opened."""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from stat import S_IROTH
from typing import Final

from ...models.errors import StoreUnavailable

LOOK_SECONDS: Final = 1
_log = logging.getLogger("better_auth.database")


def make_private(path: Path) -> None:
    """Creates an empty file with mode 0600 if there is none, whatever the umask is.

    It contains hashes and tokens. SQLite creates its other files with the same mode.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def find_readable(path: Path) -> list[Path]:
    """Returns the files of a database that every user of the machine can read."""
    if os.name != "posix":
        return []
    beside = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", "-journal"))
    return [each for each in (path, *beside) if each.exists() and each.stat().st_mode & S_IROTH]


class SqliteFile:
    """Connections keep the file that they opened; after a replacement writes would be lost.

    Every method raises `StoreUnavailable` if the path is another file, missing or empty. The log
    reports it once. `clock` returns seconds.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._opened = _read_identity(path)
        self._looked = clock()
        self._away = False

    def require(self) -> None:
        """Checks now."""
        self._looked = self._clock()
        away = _read_identity(self._path) != self._opened
        if away != self._away:
            self._away = away
            self._log_change()
        if away:
            raise StoreUnavailable

    def require_lately(self) -> None:
        """Checks at most once in `LOOK_SECONDS`, so that hot reads stay fast."""
        if self._away or self._clock() - self._looked >= LOOK_SECONDS:
            self.require()

    def require_writable(self) -> None:
        """Checks now, also that the file and the folder (for the journal) are writable."""
        self.require()
        if not (os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK)):
            raise StoreUnavailable

    def _log_change(self) -> None:
        if self._away:
            _log.error(
                "%s was moved, replaced, emptied or cannot be reached: answering 503 until it is"
                " back or the service is restarted",
                self._path,
            )
        else:
            _log.warning("%s is back", self._path)


def _read_identity(path: Path) -> tuple[int, int, bool] | None:
    """Returns which file it is, and whether it is empty (a database without tables)."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size == 0
