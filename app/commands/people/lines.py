"""Reads the lines of a file as text, with a limit for the length of a line."""

from typing import BinaryIO, Final, Self

from ...auth.people.rows import RowError, UnreadableFile

LONGEST: Final = 1024 * 1024  # bytes, as of a request's body
_BOM: Final = b"\xef\xbb\xbf"
_OTHER_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")


class Lines:
    """Iterates over the lines, and continues after a refused line.

    `number` is the number of the last line, `position` the number of bytes read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = 0
        self.position = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        """Raises `RowError` for a line too long or not UTF-8, `UnreadableFile` for UTF-16."""
        line = self._read()
        if not line:
            raise StopIteration
        self.number += 1
        if self.number == 1:
            line = _strip_bom(line)
        if len(line) > LONGEST:
            self._skip_rest(line)
            raise RowError(None, f"is longer than {LONGEST:,} bytes")
        try:
            return line.decode()
        except UnicodeDecodeError:
            raise RowError(None, "is not UTF-8") from None

    def _read(self) -> bytes:
        line = self._file.readline(LONGEST + 1)
        self.position += len(line)
        return line

    def _skip_rest(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self._read()


def _strip_bom(line: bytes) -> bytes:
    if line.startswith(_OTHER_BOMS):
        raise UnreadableFile("the file is UTF-16: save it as UTF-8")
    return line.removeprefix(_BOM)
