"""Keeps what was made of rows, as long as they do not change."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from msgspec import Struct

from .bounded_cache import CAPACITY, SIZE, BoundedCache

T = TypeVar("T")


class RowCache(Generic[T]):
    """Keeps what was made of a row of the database, by the key of the row.

    It is valid without another read while the version of the database is the same, and after that
    once the row was read again and is equal. `version` is `Database.read_version`, read *before*
    the row: so a row that changed in between is kept under a version that nobody asks for again.
    """

    def __init__(self, size: int = SIZE, capacity: int = CAPACITY) -> None:
        self._rows: BoundedCache[_Row[T]] = BoundedCache(size, capacity)

    def __len__(self) -> int:
        return len(self._rows)

    def find(self, key: str, version: int | None) -> T | None:
        """Returns what was made of the row, if it was read under this version."""
        if version is None:
            return None
        row = self._rows.get(key)
        return row.made if row is not None and row.version == version else None

    def find_equal(self, key: str, values: tuple[object, ...], version: int | None) -> T | None:
        """Returns what was made of an equal row. `values` were read under this version."""
        row = self._rows.get(key)
        if row is None or row.values != values:
            return None
        row.version = version
        return row.made

    def keep(
        self,
        key: str,
        values: tuple[object, ...],
        made: T,
        version: int | None,
        *,
        converted: Iterable[object],
    ) -> None:
        """Keeps what was made, if its key came before.

        It weighs as much as the `converted` values: JSON takes more memory than its text.
        """
        self._rows.keep(key, _Row(values, made, version), converted)

    def forget(self, key: str) -> None:
        """Removes what was made of a row that is gone."""
        self._rows.remove(key)


class _Row(Struct, Generic[T]):
    values: tuple[object, ...]
    made: T
    version: int | None
