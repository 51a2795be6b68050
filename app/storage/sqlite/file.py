"""The file of a SQLite database: whether the path still names the one that was opened."""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from stat import S_IROTH
from typing import Final

from ...models.errors import StoreUnavailable

LOOK_SECONDS: Final = 1
_log = logging.getLogger("app.database")


def make_private(path: Path) -> None:
    """An empty file, for its owner alone whatever the umask says, where none is.

    It holds hashes and tokens; SQLite gives what it puts beside it the same mode.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def find_readable(path: Path) -> list[Path]:
    """Those of a database's files that every user of the machine can read."""
    if os.name != "posix":
        return []
    beside = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", "-journal"))
    return [each for each in (path, *beside) if each.exists() and each.stat().st_mode & S_IROTH]


class SqliteFile:
    """Connections stay with the file that they opened, where writes would be lost with it.

    Everything here raises `StoreUnavailable` when the path names another file or none, or when the
    file was emptied; the log says so once. `clock` counts seconds.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._opened = _identity(path)
        self._looked = clock()
        self._away = False

    def require(self) -> None:
        """Looks now."""
        self._looked = self._clock()
        away = _identity(self._path) != self._opened
        if away != self._away:
            self._away = away
            self._tell()
        if away:
            raise StoreUnavailable

    def require_lately(self) -> None:
        """Looks at most once in `LOOK_SECONDS`, so that it costs hot reads next to nothing."""
        if self._away or self._clock() - self._looked >= LOOK_SECONDS:
            self.require()

    def require_writable(self) -> None:
        """Looks now, also at what writing needs: the file and the folder, for its journal."""
        self.require()
        if not (os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK)):
            raise StoreUnavailable

    def _tell(self) -> None:
        if self._away:
            _log.error(
                "%s was moved, replaced, emptied or can't be reached: refusing with 503"
                " until it is back or the service is restarted",
                self._path,
            )
        else:
            _log.warning("%s is back", self._path)


def _identity(path: Path) -> tuple[int, int, bool] | None:
    """Which file it is and whether it is empty, which to SQLite is a database without tables."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size == 0
