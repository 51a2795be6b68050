"""Deletes expired rows, a few at a time."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Column, Table, bindparam, delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from ..models.clock import from_iso, to_iso, to_milliseconds
from ..models.clock import now as clock
from ..models.errors import StoreUnavailable
from ..models.log_events import log_event
from ..models.tables import Tables, make_tables
from ..schema.state import SchemaState
from ..settings.settings import Settings
from ..storage.compiled import AnyRow
from ..storage.database import Database
from ..web.rate_rule import FAILURES

KEPT: Final = timedelta(days=1)  # after they have expired: a clock may have jumped ahead
STEP: Final = 500  # rows that are looked at, or deleted, at once
PAUSE: Final = 0.1  # seconds after each step, which are other people's
REST: Final = 15 * 60.0  # seconds between two rounds, give or take a half
# A value that is not a time is read as 1970. The operator must correct it, not lose it.
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LOCK: Final = 0x62617574  # of PostgreSQL's advisory locks: "baut"
_log = logging.getLogger("app.cleaning")


class Expiring(Struct, frozen=True):
    """A table whose rows expire when the time in a column is before `limit`. `name`: for the log.

    `read` turns a value of that column into a time, `write` a time into a value.
    """

    name: str
    table: Table
    column: Column[object]
    read: Callable[[Any], datetime]
    write: Callable[[datetime], object]
    kept: timedelta = KEPT


class Cleaner:
    """Deletes expired rows. Only one process does so at a time."""

    def __init__(self, database: Database, expiring: Sequence[Expiring], pause: float) -> None:
        self._database = database
        self._expiring = expiring
        self._pause = pause

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
                    sessions=removed.get("session"),
                    verifications=removed.get("verification"),
                    counters=removed.get("rateLimit"),
                )

    async def round(self) -> dict[str, int]:
        """Reads every row once. Returns the number of deleted rows by table."""
        return {each.name: await self._clean(each) for each in self._expiring}

    async def _clean(self, expiring: Expiring) -> int:
        removed, limit = 0, clock() - expiring.kept
        async for rows in self._read_pages(expiring):
            ids = [row[0] for row in rows if _EARLIEST < expiring.read(row[1]) < limit]
            gone = await self._remove(expiring, ids, limit) if ids else 0
            if gone is None:
                break
            removed += gone
        return removed

    async def _read_pages(self, expiring: Expiring) -> AsyncIterator[Sequence[AnyRow]]:
        """Yields pages by primary key, because no timestamp column has an index."""
        key = expiring.table.c.id
        page = select(key, expiring.column).order_by(key).limit(STEP)
        rows = await self._database.read_all(page)
        following = page.where(key > bindparam("last"))
        while rows:
            yield rows
            await asyncio.sleep(self._pause)
            rows = await self._database.read_all(following, {"last": rows[-1][0]})

    async def _remove(self, expiring: Expiring, ids: Sequence[str], limit: datetime) -> int | None:
        """Deletes rows and returns how many. None if another process is doing it."""
        statement = (
            delete(expiring.table)
            .where(expiring.table.c.id.in_(ids))
            .where(expiring.column < expiring.write(limit))
        )
        async with self._database.begin() as tx:
            if self._database.dialect == "postgresql":
                taken = select(func.pg_try_advisory_xact_lock(_LOCK))
                if not (await tx.execute(taken)).scalar():
                    return None
            return (await tx.execute(statement)).rowcount


def make_cleaner(
    settings: Settings, database: Database, schema: SchemaState, *, pause: float = PAUSE
) -> Cleaner:
    """Returns the cleaner for the tables that these settings allow.

    A Node server deletes no sessions, so on its database this service does not either, unless a
    setting says so.
    """
    expiring = _list_expiring(settings, schema, make_tables(schema.layout))
    return Cleaner(database, expiring, pause)


def _list_expiring(settings: Settings, schema: SchemaState, tables: Tables) -> Sequence[Expiring]:
    found = []
    options, chosen = settings.session, settings.session_cleanup
    alone, verification = settings.redis_url is None, settings.verification
    wants = not schema.adopted if chosen is None else chosen
    has_sessions = alone or options.store_session_in_database
    if has_sessions and wants and not options.preserve_session_in_database:
        table = tables.sessions
        found.append(Expiring("session", table, table.c.expiresAt, from_iso, to_iso))
    if (alone or verification.store_in_database) and not verification.disable_cleanup:
        table = tables.verifications
        found.append(Expiring("verification", table, table.c.expiresAt, from_iso, to_iso))
    if settings.rate_limit.enabled and settings.rate_limit_storage == "database":
        table, kept = tables.rate_limits, timedelta(seconds=_find_longest_window(settings))
        last = table.c.lastRequest
        found.append(Expiring("rateLimit", table, last, _from_milliseconds, to_milliseconds, kept))
    return found


def _find_longest_window(settings: Settings) -> int:
    """Returns the longest window of all rules, in seconds."""
    windows = [rule.window or 0 for rule in settings.rate_limit.custom_rules]
    return max(FAILURES.window, settings.rate_limit.window, *windows)


def _from_milliseconds(value: object) -> datetime:
    try:
        return datetime.fromtimestamp(int(str(value)) / 1000, UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)
