"""A file for its owner alone that is there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO


class FileFault(Exception):
    """A file that can't be read or written: one line."""


class Draft:
    """What becomes the file at `path`, in place of one that is there, by `publish`. Mode 0600.

    Everything here raises `FileFault`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with faults_of(path):
            if path.exists() and not path.is_file():
                raise FileFault(f"{path} is no file")
            number, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")
            self._draft = Path(name)
            self.file: BinaryIO = os.fdopen(number, "wb")

    def publish(self) -> None:
        """The file is there, and on disk."""
        with faults_of(self._path):
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()
            self._draft.replace(self._path)

    def discard(self) -> None:
        """As if nothing had been."""
        with faults_of(self._path):
            self.file.close()
            self._draft.unlink(missing_ok=True)


@contextmanager
def faults_of(path: Path) -> Iterator[None]:
    """Raises `FileFault` for whatever the system has against the file."""
    try:
        yield
    except OSError as fault:
        raise FileFault(f"{path}: {fault.strerror or fault}") from None
