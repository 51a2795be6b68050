"""A cache of what is asked for again and again, with a limit on number and weight."""

from collections import OrderedDict
from collections.abc import Iterable
from sys import getsizeof
from typing import Final, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")

SIZE: Final = 10_000
CAPACITY: Final = 16 * 1024 * 1024  # bytes of all
HEAVIEST: Final = 16 * 1024  # bytes of one that is kept: a name may have a megabyte


class BoundedCache(Generic[T]):
    """Keeps an entry when its key comes for the second time.

    What is asked for once takes neither memory nor time, and drives nothing out.
    """

    def __init__(self, size: int = SIZE, capacity: int = CAPACITY) -> None:
        self._size = size
        self._capacity = capacity
        self._weight = 0
        self._door = _Doorkeeper(size)
        # A dict is slow to find its oldest.
        self._entries: OrderedDict[str, _Weighed[T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> T | None:
        """Returns the entry of a key, if there is one."""
        found = self._entries.get(key)
        return None if found is None else found.entry

    def keep(self, key: str, entry: T, values: Iterable[object]) -> None:
        """Stores an entry, which weighs as much as these values, if its key came before.

        Above the size or the capacity, the oldest go.
        """
        self.remove(key)
        if not self._door.note(key) or (weight := measure_bytes(values)) > HEAVIEST:
            return
        self._entries[key] = _Weighed(entry, weight)
        self._weight += weight
        while len(self._entries) > self._size or self._weight > self._capacity:
            self._weight -= self._entries.popitem(last=False)[1].weight

    def remove(self, key: str) -> None:
        """Removes the entry of a key, if there is one."""
        removed = self._entries.pop(key, None)
        if removed is not None:
            self._weight -= removed.weight


class _Weighed(Struct, Generic[T]):
    entry: T
    weight: int


class _Doorkeeper:
    """Knows the last keys: at least `size` of them, at most twice as many.

    Stores hashes, because keys are credentials. Two keys with one hash do no harm.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._now: set[int] = set()
        self._before: set[int] = set()

    def note(self, key: str) -> bool:
        mark = hash(key)
        if mark in self._now or mark in self._before:
            return True
        self._now.add(mark)
        if len(self._now) >= self._size:
            self._before, self._now = self._now, set()
        return False


def measure_bytes(values: Iterable[object]) -> int:
    """Returns the size of texts and numbers in bytes, also of those in lists and dicts.

    It stops where they are too heavy.
    """
    weight = 0
    waiting: list[Iterable[object]] = [tuple(values)]
    while waiting and weight <= HEAVIEST:
        held = waiting.pop()
        weight += sum(map(getsizeof, held))
        if weight <= HEAVIEST:
            for value in held:
                if isinstance(value, list):
                    waiting.append(value)
                elif isinstance(value, dict):
                    waiting += (value, value.values())
    return weight
