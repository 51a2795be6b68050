"""Failed sign-ins and requests for mails, which anybody can cause: later ones are counted."""

from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct
from sqlalchemy import Executable, Table, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .events import Row

WINDOW: Final = timedelta(minutes=10)
ALIKE: Final = 10  # rows in a window that have the same account, client and reason
MOST: Final = 2000  # rows in a window
_ABOUT: Final = ("event", "reason", "actor", "user_id", "actor_id", "ip_address")
_ANYBODY: Final[Row] = {"user_id": None, "actor_id": None, "ip_address": None}
_SEVERAL: Final[Row] = {"session_id": None, "user_agent": None, "request_id": None}


class Counted(Struct):
    """Failures that are alike. `more`: how many must be added to the row that counts them.

    `rows`: how many rows they have. `row_id`: the id of the row that counts, once it is written.
    """

    row: Row
    rows: int = 0
    more: int = 0
    row_id: int | None = None


class FailureStatements:
    """The statements that write failures."""

    def __init__(self, table: Table) -> None:
        grown = table.c["count"] + bindparam("more")
        of_row = update(table).where(table.c.id == bindparam("row_id"))
        self.insert: Executable = insert(table).inline()
        self.begin: Executable = insert(table).returning(table.c.id)
        self.grow: Executable = of_row.values({"count": grown})


class Batch(Struct, frozen=True):
    """What one transaction writes."""

    rows: list[Row]
    counted: list[Counted]

    @property
    def size(self) -> int:
        """How many failures it has."""
        return len(self.rows) + sum(counted.more for counted in self.counted)

    async def write(self, tx: AsyncConnection, statements: FailureStatements) -> None:
        """Writes rows, and adds to the counts of earlier ones."""
        if self.rows:
            await tx.execute(statements.insert, self.rows)
        grown: list[Row] = []
        for counted in self.counted:
            more, counted.more = counted.more, 0
            if counted.row_id is not None:
                grown.append({"row_id": counted.row_id, "more": more})
            elif more:
                row = {**counted.row, **_SEVERAL, "count": more}
                counted.row_id = (await tx.execute(statements.begin, row)).scalar_one()
        if grown:
            await tx.execute(statements.grow, grown)

    def forget(self) -> None:
        """Forgets ids of rows, after a transaction that failed: they may not be there."""
        for counted in self.counted:
            counted.row_id = None


class FailureCounts:
    """Bounds memory, and the rows of one process. Each process has its own counts."""

    def __init__(self) -> None:
        self._began = datetime.min.replace(tzinfo=UTC)
        self._left = MOST
        self._seen: dict[tuple[object, ...], Counted] = {}
        self._rows: list[Row] = []
        self._grown: list[Counted] = []

    @property
    def is_waiting(self) -> bool:
        """Whether there is something to write."""
        return bool(self._rows or self._grown)

    def take(self) -> Batch:
        """Returns what has come since the last call."""
        batch = Batch(self._rows, self._grown)
        self._rows, self._grown = [], []
        return batch

    def count(self, row: Row, at: datetime) -> None:
        """Adds one failure: a row, or one more in the row that counts those that are alike."""
        self._begin_window(at)
        counted = self._find(row)
        if counted.rows <= ALIKE:
            counted.rows += 1
            self._left -= 1
            if counted.rows <= ALIKE:
                self._rows.append(row)
                return
        if not counted.more:
            self._grown.append(counted)
        counted.more += 1

    def _begin_window(self, at: datetime) -> None:
        if not self._began <= at < self._began + WINDOW:
            self._began, self._left, self._seen = at, MOST, {}

    def _find(self, row: Row) -> Counted:
        """Returns the failures that are like this one; those of anybody if no row is left."""
        counted = self._seen.get(_make_key(row))
        if self._left > 0:
            if counted is None:
                counted = self._seen[_make_key(row)] = Counted(row)
            return counted
        if counted is not None and counted.rows > ALIKE:
            return counted
        anybody = {**row, **_ANYBODY}
        return self._seen.setdefault(_make_key(anybody), Counted(anybody, rows=ALIKE + 1))


def _make_key(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in _ABOUT)
