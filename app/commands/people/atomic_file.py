"""A file with mode 0600 that is written completely or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO


class FileFault(Exception):
    """A file cannot be read or written: one line."""


class AtomicFile:
    """A temporary file; `publish` makes it the file at `path`. Mode 0600.

    Unless it `replaces` an existing file, such a file is an error and stays. All methods raise
    `FileFault`.
    """

    def __init__(self, path: Path, *, replaces: bool) -> None:
        self._path = path
        self._replaces = replaces
        with convert_os_errors(path):
            if path.exists() and not path.is_file():
                raise FileFault(f"{path} is not a file")
            self._refuse_present()
            number, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")
            self._temporary = Path(name)
            self.file: BinaryIO = os.fdopen(number, "wb")

    def publish(self) -> None:
        """Makes it the file at `path`, on disk."""
        with convert_os_errors(self._path):
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()
            try:
                self._refuse_present()  # it may have come while this one was written
            except FileFault:
                self._temporary.unlink()
                raise
            self._temporary.replace(self._path)

    def discard(self) -> None:
        """Removes the temporary file."""
        with convert_os_errors(self._path):
            self.file.close()
            self._temporary.unlink(missing_ok=True)

    def _refuse_present(self) -> None:
        if not self._replaces and os.path.lexists(self._path):
            raise FileFault(
                f"{self._path} exists already: name another file, or use --force to replace it"
            )


@contextmanager
def convert_os_errors(path: Path) -> Iterator[None]:
    """Raises `FileFault` for every error of the system about this file."""
    try:
        yield
    except OSError as fault:
        raise FileFault(f"{path}: {fault.strerror or fault}") from None
