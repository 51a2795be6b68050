"""The file of the refused rows, each with its line, its field and the reason."""

from pathlib import Path
from typing import Final, Self

import msgspec

from ...auth.people.rows import RefusedRow
from .atomic_file import AtomicFile, convert_os_errors

SHOWN: Final = 10


class RefusalReport:
    """Replaces the file when the block ends, also after an error or Ctrl-C.

    Without refused rows there is no file, or an empty one in place of an earlier one. Raises
    `FileFault`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.first: list[RefusedRow] = []
        self._file = AtomicFile(path, replaces=True)
        self._encoder = msgspec.json.Encoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.first or self.path.exists():
            self._file.publish()
        else:
            self._file.discard()

    def add(self, row: RefusedRow) -> None:
        """Adds a row. `first` keeps the first few for the terminal."""
        if len(self.first) < SHOWN:
            self.first.append(row)
        with convert_os_errors(self.path):
            self._file.file.write(self._encoder.encode(row) + b"\n")
