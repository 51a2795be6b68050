"""A cache that is valid while the database does not change."""

from collections import OrderedDict
from collections.abc import Iterable
from sys import getsizeof
from typing import Final, Generic, TypeVar

T = TypeVar("T")

SIZE: Final = 10_000
CAPACITY: Final = 16 * 1024 * 1024  # bytes of all
HEAVIEST: Final = 16 * 1024  # bytes of one that is kept: a name may have a megabyte


class VersionedCache(Generic[T]):
    """Cache that every commit to the database clears, from any process.

    `version` is `Database.read_version`, read *before* the row. So a row that changed in between is
    stored under a version that nobody asks for again. With None nothing is stored or found.
    """

    def __init__(self, size: int = SIZE, capacity: int = CAPACITY) -> None:
        self._size = size
        self._capacity = capacity
        self._version: int | None = None
        self._weight = 0
        # A dict is slow to find its oldest.
        self._kept: OrderedDict[str, tuple[T, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: str, version: int | None) -> T | None:
        """Returns what is stored under this version of the database."""
        if version is None or version != self._version:
            return None
        kept = self._kept.get(key)
        return None if kept is None else kept[0]

    def keep(self, key: str, found: T, version: int | None, weight: int) -> None:
        """Stores an entry of `weight` bytes. Above the size or the capacity, the oldest go."""
        if version is None:
            return
        if version != self._version:
            self._version, self._weight, self._kept = version, 0, OrderedDict()
        self._weight -= self._kept.pop(key, (found, 0))[1]
        if weight > HEAVIEST:
            return
        self._kept[key] = found, weight
        self._weight += weight
        while len(self._kept) > self._size or self._weight > self._capacity:
            self._weight -= self._kept.popitem(last=False)[1][1]


def measure_bytes(values: Iterable[object]) -> int:
    """Returns the size of texts and numbers in bytes."""
    return sum(map(getsizeof, values))
