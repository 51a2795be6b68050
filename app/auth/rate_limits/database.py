"""Counters in the table `rateLimit`, shared with a Node server on this database."""

import time
from collections.abc import AsyncIterator, Callable
from math import ceil
from typing import Final

from sqlalchemy import Executable, bindparam, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...models.tables import Tables
from ...storage.database import Database
from ...web.rate_rule import Rule

_PAGE: Final = 500
_AHEAD: Final = 1000  # milliseconds that the clocks of two servers, or requests, may differ


class DatabaseRateLimits:
    """See `RateLimits`. `clock` returns seconds since 1970, the same on all servers."""

    def __init__(
        self,
        database: Database,
        tables: Tables,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._generate_id = tables.generate_id
        table = self._table = tables.rate_limits
        self._count, self._last = table.c["count"], table.c.lastRequest
        self._of_key = select(self._count, self._last).where(table.c.key == bindparam("key"))
        self._clock = clock

    @property
    def is_small(self) -> bool:
        return False

    @property
    def is_shared(self) -> bool:
        return True

    async def find_wait(self, key: str, rule: Rule) -> int | None:
        return await self._wait(key, rule, int(self._clock() * 1000))

    async def read_full(self, beginning: str, rule: Rule) -> AsyncIterator[tuple[str, int]]:
        table, now = self._table, int(self._clock() * 1000)
        page = (
            select(table.c.id, table.c.key, self._count, self._last)
            .where(table.c.key.startswith(beginning, autoescape=True))
            .where(self._count >= rule.max)
            .order_by(table.c.id)
            .limit(_PAGE)
        )
        rows = await self._database.read_all(page)
        following = page.where(table.c.id > bindparam("last"))
        while rows:
            for _, key, count, last in rows:
                wait = _measure_wait(int(count), int(last), rule, now)
                if wait is not None:
                    yield key, wait
            rows = await self._database.read_all(following, {"last": rows[-1][0]})

    async def consume(self, key: str, rule: Rule) -> int | None:
        """Counts a request. It reads first, so that refused requests do not write."""
        now = int(self._clock() * 1000)
        wait = await self._wait(key, rule, now)
        if wait is not None:
            return wait
        async with self._database.begin() as tx:
            counted = (await tx.execute(self._make_count(key, rule, now))).first()
        if counted is None:  # others were faster
            return await self._wait(key, rule, now) or 1
        return None

    async def release(self, key: str, rule: Rule) -> None:
        table = self._table
        counted = update(table).where(table.c.key == key).where(self._count > 0)
        async with self._database.begin() as tx:
            await tx.execute(counted.values(count=self._count - 1))

    async def clear(self, key: str, rule: Rule) -> None:
        async with self._database.begin() as tx:
            await tx.execute(delete(self._table).where(self._table.c.key == key))

    async def remember(self, key: str, seconds: int) -> None:
        """Stores a key. Its row has the time of its end, so that a Node server keeps it."""
        ends = int((self._clock() + seconds) * 1000)
        row = await self._database.read_one(self._of_key, {"key": key})
        if row is not None and int(row[1]) > ends - seconds * 500:
            return  # one write will do for many sign-ins
        async with self._database.begin() as tx:
            await tx.execute(self._make_remembered(key, ends))

    async def is_remembered(self, key: str) -> bool:
        row = await self._database.read_one(self._of_key, {"key": key})
        return row is not None and int(row[1]) > self._clock() * 1000

    async def _wait(self, key: str, rule: Rule, now: int) -> int | None:
        row = await self._database.read_one(self._of_key, {"key": key})
        if row is None:
            return None
        return _measure_wait(int(row[0]), int(row[1]), rule, now)

    def _make_count(self, key: str, rule: Rule, now: int) -> Executable:
        """Returns the statement; it returns a row if the request is allowed."""
        # A time in the future comes from before the clock was set back: ignore it.
        over = or_(now - rule.window * 1000 >= self._last, now + _AHEAD < self._last)
        return (
            self._insert(key, 1, now)
            .on_conflict_do_update(
                index_elements=[self._table.c.key],
                set_={"count": case((over, 1), else_=self._count + 1), "lastRequest": now},
                where=or_(over, rule.max > self._count),
            )
            .returning(self._count)
        )

    def _make_remembered(self, key: str, ends: int) -> Executable:
        return self._insert(key, 0, ends).on_conflict_do_update(
            index_elements=[self._table.c.key], set_={"lastRequest": ends}
        )

    def _insert(self, key: str, count: int, last: int) -> postgresql.Insert | sqlite.Insert:
        insert = postgresql.insert if self._database.dialect == "postgresql" else sqlite.insert
        values = {"id": self._generate_id(), "key": key, "count": count, "lastRequest": last}
        return insert(self._table).values(values)


def _measure_wait(count: int, last: int, rule: Rule, now: int) -> int | None:
    age = now - last
    if age >= rule.window * 1000 or age < -_AHEAD or count < rule.max:
        return None
    return max(1, ceil(rule.window - max(0, age) / 1000))
