"""Whose turn it is to deliver: one process at a time, of all nodes."""

import time
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import from_iso, now, to_iso
from ...models.identifiers import generate_id
from ...models.tables import Tables
from ...storage.database import Database
from .table import webhook_turn

LASTS: Final = 10.0  # seconds, after which another process may deliver
RENEWED_AFTER: Final = 3.0  # seconds


class DeliveryTurn:
    """The turn of this process. One that dies loses it after `LASTS` seconds.

    `paused_until`: the receiver wants nothing before then. A process that hangs may send an event
    again that another has sent; the order stays the same.
    """

    def __init__(self, database: Database, tables: Tables) -> None:
        self._database = database
        self._holder = generate_id()
        self._ends = 0.0  # by `time.monotonic`
        self.paused_until: datetime | None = None
        table = self._table = tables.make(webhook_turn)
        dialect = postgresql if database.dialect == "postgresql" else sqlite
        new = dialect.insert(table)
        values = {"holder": new.excluded.holder, "until": new.excluded.until}
        is_free = or_(
            table.c.holder == new.excluded.holder,
            table.c.until < bindparam("at", type_=table.c.until.type),
        )
        self._take = new.on_conflict_do_update(
            index_elements=[table.c.id], set_=values, where=is_free
        ).returning(table.c.paused_until)
        self._mine = update(table).where(table.c.holder == self._holder)

    @property
    def is_held(self) -> bool:
        """Whether it is the turn of this process."""
        return time.monotonic() < self._ends

    async def take(self) -> bool:
        """Takes or renews the turn. False: another process has it. Raises `StoreUnavailable`."""
        asked = time.monotonic()
        if asked < self._ends - LASTS + RENEWED_AFTER:
            return True
        async with self._database.begin() as tx:
            at = await self._read_clock(tx)
            until = to_iso(at + timedelta(seconds=LASTS))
            mine = {"id": 1, "holder": self._holder, "until": until, "at": to_iso(at)}
            row = (await tx.execute(self._take, mine)).first()
        if row is None:
            self._ends = 0.0
            return False
        self._ends = asked + LASTS
        self.paused_until = None if row[0] is None else from_iso(row[0])
        return True

    async def pause(self, until: datetime) -> None:
        """Notes that the receiver wants nothing before then. Raises `StoreUnavailable`."""
        self.paused_until = until
        async with self._database.begin() as tx:
            await tx.execute(self._mine.values(paused_until=to_iso(until)))

    async def give_back(self) -> None:
        """Ends the turn, so that another process need not wait. Raises `StoreUnavailable`."""
        if not self.is_held:
            return
        self._ends = 0.0
        async with self._database.begin() as tx:
            await tx.execute(self._mine.values(until=to_iso(await self._read_clock(tx))))

    async def _read_clock(self, tx: AsyncConnection) -> datetime:
        """Returns the time of the database, because those of two nodes may differ."""
        if self._database.dialect == "sqlite":
            return now()
        at: datetime = (await tx.execute(select(func.clock_timestamp()))).scalar_one()
        return at
