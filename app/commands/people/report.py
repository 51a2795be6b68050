"""The file of the refused rows, each with its line, its field and the reason."""

from pathlib import Path
from typing import Final, Self

import msgspec

from .atomic_file import Draft, faults_of
from .rows import RefusedRow

SHOWN: Final = 10


class Report:
    """Replaces the file when the block ends, also after an error or Ctrl-C.

    Without refused rows there is no file, or an empty one in place of an earlier one. Raises
    `FileFault`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.first: list[RefusedRow] = []
        self._draft = Draft(path, replaces=True)
        self._encoder = msgspec.json.Encoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.first or self.path.exists():
            self._draft.publish()
        else:
            self._draft.discard()

    def add(self, row: RefusedRow) -> None:
        """Adds a row. `first` keeps the first few for the terminal."""
        if len(self.first) < SHOWN:
            self.first.append(row)
        with faults_of(self.path):
            self._draft.file.write(self._encoder.encode(row) + b"\n")
