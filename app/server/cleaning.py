"""Deletes expired rows, a few at a time."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import SQLAlchemyError

from ..models.clock import now as clock
from ..models.errors import StoreUnavailable
from ..models.telemetry.log_events import log_event
from ..models.telemetry.metrics import ROWS_REMOVED
from ..schema.state import SchemaState
from ..settings.settings import Settings
from ..storage.compiled import AnyRow
from ..storage.database import Database
from .expiring import Expiring, KeptTable, list_expiring

PAUSE: Final = 0.1  # seconds after each step, which are other people's
REST: Final = 15 * 60.0  # seconds between two rounds, give or take a half
WAIT: Final = 0.5  # seconds until the next try where another process has its turn
FEWEST: Final = 50  # rows of a step
MOST: Final = 500
_FAST: Final = 0.02  # seconds of a transaction, after which the next one may be larger
_SLOW: Final = 0.05  # and smaller
# A value that is not a time is read as 1970. The operator must correct it, not lose it.
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_log = logging.getLogger("better_auth.cleaning")


class Progress(Struct):
    """What a round has seen and removed by now, by the name of the table."""

    seen: int = 0
    removed: dict[str, int] = {}


class Pace:
    """How many rows a step has: as many as a store can do in few milliseconds."""

    def __init__(self) -> None:
        self.rows = FEWEST

    def note(self, seconds: float) -> None:
        """Notes what the reading or the deletion of so many rows took, the longer of them."""
        if seconds > _SLOW:
            self.rows = max(FEWEST, self.rows // 2)
        elif seconds < _FAST:
            self.rows = min(MOST, self.rows * 2)


class Cleaner:
    """Deletes expired rows. Only one process does so at a time.

    After each step it pauses for `pause` seconds, and for no less than the step took. It deletes
    nothing with `counts_only`. With `waits` it waits while another process cleans; without, it ends
    its round.
    """

    def __init__(
        self,
        database: Database,
        expiring: Sequence[Expiring],
        *,
        pause: float = PAUSE,
        counts_only: bool = False,
        waits: bool = False,
    ) -> None:
        self._database = database
        self._expiring = expiring
        self._pause = pause
        self._counts_only = counts_only
        self._waits = waits

    async def run(self) -> None:
        """Runs forever. The first round is delayed, so that processes do not start together."""
        while True:
            await asyncio.sleep(REST * random.uniform(0.5, 1.5))  # noqa: S311  # no secret
            try:
                removed = await self.round()
            except (StoreUnavailable, SQLAlchemyError) as fault:
                log_event(
                    _log, "cleaning was given up", logging.WARNING, fault=type(fault).__name__
                )
                continue
            if any(removed.values()):
                log_event(
                    _log,
                    "expired rows removed",
                    sessions=removed.get("sessions"),
                    verifications=removed.get("verifications"),
                    counters=removed.get("counters"),
                    audit=removed.get("audit"),
                    webhooks=removed.get("webhooks"),
                )

    async def round(self, report: Callable[[Progress], None] | None = None) -> dict[str, int]:
        """Reads every row once. Returns the number of deleted rows by table.

        Calls `report` after each step. Raises `StoreUnavailable`.
        """
        progress = Progress(removed={each.name: 0 for each in self._expiring})
        for each in self._expiring:
            if not await self._clean(each, progress, report):
                break
        return progress.removed

    async def _clean(
        self,
        expiring: Expiring,
        progress: Progress,
        report: Callable[[Progress], None] | None,
    ) -> bool:
        """Cleans one table. Returns False if another process is doing it."""
        steps, pace = _Steps(self._database, expiring, counts_only=self._counts_only), Pace()
        while not steps.done:
            start = time.perf_counter()
            async with self._database.take_turn() as taken:
                if taken:
                    progress.removed[expiring.name] += await steps.take(pace.rows)
            spent = time.perf_counter() - start
            if taken:
                pace.note(steps.longest)
                progress.seen = steps.seen
                if report is not None:
                    report(progress)
            elif not self._waits:
                return False
            await asyncio.sleep(max(self._pause, spent) if taken else WAIT)
        return True


class _Steps:
    """One way through a table. Its rows are read by primary key: no time has an index.

    An index would cost at every sign-in, and a reader of a million rows costs seconds in a quarter
    of an hour.
    """

    def __init__(self, database: Database, expiring: Expiring, *, counts_only: bool) -> None:
        self.done = False
        self.seen = 0
        self.longest = 0.0
        self._database = database
        self._expiring = expiring
        self._counts_only = counts_only
        self._limit = clock() - expiring.kept
        self._last: object = None
        key = expiring.table.c.id
        self._first = select(key, expiring.column).order_by(key).limit(bindparam("size"))
        self._following = self._first.where(key > bindparam("last"))

    async def take(self, size: int) -> int:
        """Reads the next rows, deletes those that have expired, and returns how many.

        `longest` is then the seconds that the reading or the deletion took.
        """
        start = time.perf_counter()
        rows = await self._read(size)
        read_at = time.perf_counter()
        self.seen += len(rows)
        to_time = self._expiring.read
        ids = [row[0] for row in rows if _EARLIEST < to_time(row[1]) < self._limit]
        self.done = len(rows) < size or (self._expiring.in_order and not ids)
        if rows:
            self._last = rows[-1][0]
        removed = len(ids) if self._counts_only or not ids else await self._remove(ids)
        self.longest = max(read_at - start, time.perf_counter() - read_at)
        return removed

    async def _read(self, size: int) -> Sequence[AnyRow]:
        if self._last is None:
            return await self._database.read_all(self._first, {"size": size})
        return await self._database.read_all(self._following, {"size": size, "last": self._last})

    async def _remove(self, ids: Sequence[object]) -> int:
        table, column = self._expiring.table, self._expiring.column
        found = select(table.c.id).where(table.c.id.in_(ids))
        # Once more: somebody may have renewed a session since it was read.
        expired = found.where(column < self._expiring.write(self._limit))
        async with self._database.begin() as tx:
            # A row that somebody has locked stays for the next round: nobody waits for the other.
            free = (await tx.scalars(expired.with_for_update(skip_locked=True))).all()
            done = await tx.execute(delete(table).where(table.c.id.in_(free)))
        ROWS_REMOVED.count(self._expiring.name, by=done.rowcount)
        return done.rowcount


def make_cleaner(
    settings: Settings, database: Database, schema: SchemaState, *, pause: float = PAUSE
) -> Cleaner:
    """Returns the cleaner of the service, for the tables that these settings allow."""
    found = list_expiring(settings, schema)
    return Cleaner(
        database, [each for each in found if not isinstance(each, KeptTable)], pause=pause
    )
