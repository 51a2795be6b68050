"""Rows that need not be read again while the database is the one they were read from."""

from collections import OrderedDict
from typing import Final, Generic, TypeVar

T = TypeVar("T")

SIZE: Final = 10_000


class LookAside(Generic[T]):
    """Coherent, never merely recent: a commit by anybody, in any process, empties it.

    `version` is `Database.version` as it was *before* the row was read, so that a row which changed
    meanwhile is kept under a version that nobody asks for again. None keeps and finds nothing.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._version: int | None = None
        self._kept: OrderedDict[str, T] = OrderedDict()  # a dict is slow to find its oldest

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: str, version: int | None) -> T | None:
        """What was kept under this version of the database."""
        return self._kept.get(key) if version is not None and version == self._version else None

    def keep(self, key: str, found: T, version: int | None) -> None:
        """Of more than `size` the oldest go."""
        if version is None:
            return
        if version != self._version:
            self._version, self._kept = version, OrderedDict()
        self._kept[key] = found
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
