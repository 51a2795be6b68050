"""Writes audit events: in the transaction of what they tell, right after it, or a little later."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy import bindparam, insert, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import now
from ...models.errors import StoreUnavailable
from ...models.tables import Tables
from ...models.telemetry.log_events import log_event
from ...storage.database import Database
from ...storage.steps import Row, run_steps
from ..background_tasks import BackgroundTasks
from .events import Event, make_row
from .failures import FailureCounts, FailureStatements
from .table import audit_events

PAUSE: Final = 1.0  # seconds from one write of failures to the next
_log = logging.getLogger("better_auth.audit")


class Audit(Protocol):
    """Where features tell what happened. See docs/audit.md."""

    async def add(self, tx: AsyncConnection, *events: Event) -> None:
        """Writes events as a step of the transaction that does what they tell."""
        ...

    def list_rows(self, *events: Event) -> Sequence[Row]:
        """Returns the rows of events, for a transaction that is known before it begins."""
        ...

    async def pseudonymize(self, tx: AsyncConnection, user_id: str) -> None:
        """Removes client IPs and user agents from the events about a user who is deleted.

        And from those of what this user did to others.
        """
        ...

    async def write(self, *events: Event) -> None:
        """Writes events in a transaction of their own, right after something without one.

        It has happened, so a store that cannot be used only gets a log line.
        """
        ...

    def report(self, event: Event) -> None:
        """Writes a failure, or a request for a mail, after the response.

        Many alike are counted in one row.
        """
        ...


class NoAudit:
    """See `Audit`. It writes nothing: the audit is off."""

    async def add(self, tx: AsyncConnection, *events: Event) -> None:
        """Does nothing."""

    def list_rows(self, *events: Event) -> Sequence[Row]:
        """Returns nothing."""
        return []

    async def pseudonymize(self, tx: AsyncConnection, user_id: str) -> None:
        """The same."""

    async def write(self, *events: Event) -> None:
        """The same."""

    def report(self, event: Event) -> None:
        """The same."""


class DatabaseAudit:
    """See `Audit`. `clock` returns the current time."""

    def __init__(
        self,
        database: Database,
        tables: Tables,
        background: BackgroundTasks,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._background = background
        self._clock = clock
        table = tables.make(audit_events)
        self._insert = insert(table).inline()
        erased = update(table).values(ip_address=None, user_agent=None)
        is_about_others = table.c.actor_id != table.c.user_id  # as the index has it
        self._pseudonymize = (
            erased.where(table.c.user_id == bindparam("owner")),
            erased.where(table.c.actor_id == bindparam("owner"), is_about_others),
        )
        self._failures = FailureCounts()
        self._statements = FailureStatements(table)
        self._is_flushing = False

    async def add(self, tx: AsyncConnection, *events: Event) -> None:
        await run_steps(tx, self.list_rows(*events))  # one, or two: one for many costs more

    def list_rows(self, *events: Event) -> Sequence[Row]:
        at = self._clock()
        return [Row(self._insert, make_row(event, at)) for event in events]

    async def pseudonymize(self, tx: AsyncConnection, user_id: str) -> None:
        for statement in self._pseudonymize:
            await tx.execute(statement, {"owner": user_id})

    async def write(self, *events: Event) -> None:
        try:
            async with self._database.begin() as tx:
                await self.add(tx, *events)
        except (StoreUnavailable, SQLAlchemyError) as fault:
            _log_lost(len(events), fault)

    def report(self, event: Event) -> None:
        at = self._clock()
        self._failures.count(make_row(event, at), at)
        if not self._is_flushing:
            self._is_flushing = self._background.start(self._flush())

    async def _flush(self) -> None:
        """Writes what was reported, then waits: an attack makes one transaction in each pause."""
        try:
            while self._failures.is_waiting:
                batch = self._failures.take()
                size = batch.size
                try:
                    async with self._database.begin() as tx:
                        await batch.write(tx, self._statements)
                except (StoreUnavailable, SQLAlchemyError) as fault:
                    batch.forget()
                    _log_lost(size, fault)
                await self._background.pause(PAUSE)
        finally:
            self._is_flushing = False


def _log_lost(count: int, fault: Exception) -> None:
    name = type(fault).__name__
    log_event(_log, "audit events not written", logging.ERROR, count=count, fault=name)
