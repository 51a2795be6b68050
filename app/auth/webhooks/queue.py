"""The events that wait, and those that were given up: read, and changed after each attempt."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select, update

from ...models.clock import from_iso, now, to_iso
from ...models.records import Timestamp
from ...models.tables import Tables
from ...storage.database import Database
from .table import webhook_events, webhook_turn

TRIED_FOR: Final = timedelta(days=3)
_PAGE: Final = 100


class QueuedEvent(Struct, frozen=True):
    """An event that must be sent. `attempts`: how many have failed."""

    id: int
    message_id: str
    user_id: str
    type: str
    body: str
    queued_at: Timestamp
    due_at: Timestamp
    attempts: int

    def is_too_old(self, now: datetime) -> bool:
        """Whether a failed attempt was the last one."""
        return now - from_iso(self.queued_at) >= TRIED_FOR


class ListedEvent(Struct, frozen=True, rename="camel"):
    """An event for a list. `dead_at` None: it is still tried."""

    message_id: str
    type: str
    user_id: str
    queued_at: Timestamp
    attempts: int
    due_at: Timestamp
    dead_at: Timestamp | None
    reason: str | None


class Failure(Struct, frozen=True):
    """A failed attempt. `due_at` None: there will not be another one."""

    event: QueuedEvent
    reason: str
    due_at: datetime | None


class LaneOutcome(Struct, frozen=True):
    """What came of the events of one user: those that were delivered, and those that failed."""

    delivered: Sequence[int] = ()
    failures: Sequence[Failure] = ()


class Backlog(Struct, frozen=True):
    """How many events wait, and since when the oldest does."""

    waiting: int
    oldest: Timestamp | None


class WebhookQueue:
    """Reads and changes the outbox. Every method raises `StoreUnavailable`."""

    def __init__(self, database: Database, tables: Tables) -> None:
        self._database = database
        table = self._table = tables.make(webhook_events)
        self._turn = tables.make(webhook_turn)
        columns = table.c
        self._is_waiting = columns.dead_at.is_(None)
        of_user = and_(self._is_waiting, columns.user_id == bindparam("owner"))
        self._due = (
            select(columns.user_id)
            .where(self._is_waiting, columns.due_at <= bindparam("at"))
            .where(columns.user_id.not_in(bindparam("busy", expanding=True)))
            .order_by(columns.due_at)
            .limit(_PAGE)
        )
        self._of_user = (
            select(*(columns[name] for name in QueuedEvent.__struct_fields__))
            .where(of_user)
            .order_by(columns.id)
            .limit(bindparam("size"))
        )
        self._backlog = select(func.count(), func.min(columns.queued_at)).where(self._is_waiting)
        # What waits behind a failure would be found again and again.
        self._defer_others = (
            update(table)
            .where(of_user, columns.due_at < bindparam("at"))
            .values(due_at=bindparam("at", type_=columns.due_at.type))
        )

    async def find_due_users(self, now: datetime, busy: Collection[str]) -> list[str]:
        """Returns users who have due events, and are not `busy`; the longest waiting first."""
        rows = await self._database.read_all(self._due, {"at": to_iso(now), "busy": list(busy)})
        return list(dict.fromkeys(row[0] for row in rows))

    async def read_waiting(self, user_id: str, size: int) -> list[QueuedEvent]:
        """Returns the first events of a user, in order."""
        rows = await self._database.read_all(self._of_user, {"owner": user_id, "size": size})
        return [QueuedEvent(*row) for row in rows]

    async def read_backlog(self) -> Backlog:
        """Returns what waits. Reads every event that does."""
        ((waiting, oldest),) = await self._database.read_all(self._backlog)
        return Backlog(int(waiting), oldest)

    async def defer(self, user_id: str, due_at: Timestamp) -> None:
        """Makes all events of a user wait for the first one."""
        async with self._database.begin() as tx:
            await tx.execute(self._defer_others, {"owner": user_id, "at": due_at})

    async def record(self, outcomes: Sequence[LaneOutcome]) -> None:
        """Writes what came of events, in one transaction."""
        table = self._table
        delivered = [each for outcome in outcomes for each in outcome.delivered]
        failures = [each for outcome in outcomes for each in outcome.failures]
        async with self._database.begin() as tx:
            if delivered:
                await tx.execute(delete(table).where(table.c.id.in_(delivered)))
            for failure in failures:
                values: dict[str, object] = {
                    "attempts": failure.event.attempts + 1,
                    "reason": failure.reason,
                }
                if failure.due_at is None:
                    values["dead_at"] = to_iso(now())
                changed = update(table).where(table.c.id == failure.event.id, self._is_waiting)
                await tx.execute(changed.values(values))
                if failure.due_at is not None:
                    owner = failure.event.user_id
                    due = {"owner": owner, "at": to_iso(failure.due_at)}
                    await tx.execute(self._defer_others, due)

    async def list_events(self, most: int, *, dead_only: bool = False) -> list[ListedEvent]:
        """Returns the oldest events, at most `most`."""
        columns = self._table.c
        found = select(*(columns[name] for name in ListedEvent.__struct_fields__))
        if dead_only:
            found = found.where(columns.dead_at.is_not(None))
        rows = await self._database.read_all(found.order_by(columns.id).limit(most))
        return [ListedEvent(*row) for row in rows]

    async def retry(self, message_ids: Collection[str] | None) -> int:
        """Makes events due now, all with None, also those that were given up. Returns how many.

        A pause that the receiver asked for is over then.
        """
        at = to_iso(now())
        table = self._table
        revived = {"dead_at": None, "attempts": 0, "queued_at": at}
        async with self._database.begin() as tx:
            chosen = update(table).where(self._choose(message_ids))
            await tx.execute(chosen.where(table.c.dead_at.is_not(None)).values(revived))
            changed = await tx.execute(chosen.values(due_at=at))
            await tx.execute(update(self._turn).values(paused_until=None))
        return changed.rowcount

    async def skip(self, message_ids: Collection[str] | None) -> int:
        """Gives up events that wait, all with None. Returns how many."""
        values = {"dead_at": to_iso(now()), "reason": "skipped"}
        chosen = update(self._table).where(self._choose(message_ids), self._is_waiting)
        async with self._database.begin() as tx:
            return (await tx.execute(chosen.values(values))).rowcount

    def _choose(self, message_ids: Collection[str] | None) -> ColumnElement[bool]:
        columns = self._table.c
        if message_ids is None:
            return columns.id.is_not(None)
        return columns.message_id.in_(message_ids)
