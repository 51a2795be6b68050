"""Work that starts once a transaction is committed, and never where it is rolled back."""

from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncConnection

Start = Callable[[], object]

_waiting: Final[WeakKeyDictionary[AsyncConnection, list[Start]]] = WeakKeyDictionary()


def start_after_commit(tx: AsyncConnection, start: Start) -> None:
    """Calls `start` right after the commit of `tx`, a transaction of `Database.begin`.

    It must not raise, and must not wait. It is also called if it was added in a savepoint of `tx`
    that is rolled back.
    """
    _waiting.setdefault(tx, []).append(start)


def start_waiting(tx: AsyncConnection) -> None:
    """Calls what waits for this transaction, which is committed now."""
    for start in _waiting.pop(tx, ()):
        start()
