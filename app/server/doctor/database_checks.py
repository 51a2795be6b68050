"""Checks of the database: writable, the current schema, the clock, rows that have expired."""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from ...models.clock import now as clock
from ...models.clock import to_iso
from ...models.errors import StoreUnavailable
from ...models.program_name import COMMAND
from ...models.tables import Tables
from ...schema.state import SchemaState, find_missing_tables
from ...settings.settings import Settings
from ...storage.database import Database
from ...storage.unreachable import get_driver_message
from ..expiring import Expiring, KeptTable, list_expiring
from .finding import Finding, Result

MANY: Final = 100_000  # rows
_SKEW: Final = timedelta(seconds=2)
_LARGE_SKEW: Final = timedelta(seconds=30)  # what other verifiers allow between two clocks
_TIME: Final = text("SELECT clock_timestamp()")
_JOURNAL: Final = text("SELECT journal_mode FROM pragma_journal_mode")
_MIGRATE: Final = f"run `{COMMAND} migrate`"


async def inspect_sqlite(database: Database) -> list[Finding]:
    """Reports the journal mode. The service sets wal when it opens the file, this does not."""
    ((mode,),) = await database.read_all(_JOURNAL)
    more = "" if mode == "wal" else ", which the service changes to wal"
    line = f"SQLite {sqlite3.sqlite_version}, journal mode {mode}{more}"
    return [Finding("database", Result.OK, line)]


async def inspect_state(database: Database, state: SchemaState) -> list[Finding]:
    """Checks that nothing is left to migrate, and that no table is lost."""
    if not state.current:
        return [Finding("schema", Result.WRONG, "the database is not up to date", _MIGRATE)]
    missing = await find_missing_tables(database, state)
    if missing:
        line = f"another program dropped: {', '.join(missing)}"
        return [Finding("schema", Result.WRONG, line, "restore these tables from a backup")]
    made = "adopted from a Node server" if state.adopted else "made by this service"
    return [Finding("schema", Result.OK, f"current, {made}")]


async def inspect_writing(database: Database, tables: Tables) -> list[Finding]:
    """Inserts a row, and rolls it back."""
    timestamp = to_iso(clock())
    times = {"expiresAt": timestamp, "createdAt": timestamp, "updatedAt": timestamp}
    row = {"id": tables.generate_id(), "identifier": "doctor", "value": "", **times}
    try:
        async with database.begin() as tx:
            await tx.execute(insert(tables.verifications), row)
            await tx.rollback()
    except (StoreUnavailable, SQLAlchemyError) as fault:
        line = f"no row can be written: {get_driver_message(fault)}"
        remedy = "let the user of DATABASE_URL write, and look at rights and room of the disk"
        return [Finding("database", Result.WRONG, line, remedy)]
    return [Finding("database", Result.OK, "a row can be written (and was rolled back)")]


async def inspect_clock(database: Database, now: Callable[[], datetime] = clock) -> list[Finding]:
    """Compares the clock of the machine with the one of the database server."""
    if database.dialect == "sqlite":
        line = "the database has the clock of this machine"
        return [Finding("clock", Result.OK, line)]
    before = now()
    ((there,),) = await database.read_all(_TIME)
    return [judge_clock("the database", there, (before, now()))]


def judge_clock(
    whose: str, there: datetime, between: tuple[datetime, datetime], old: timedelta = timedelta()
) -> Finding:
    """Judges a time that was read between two times of this machine. It may be so `old` already."""
    before, after = between
    skew = max(before - there - old, there - after, timedelta())
    if skew < _SKEW:
        return Finding("clock", Result.OK, f"the clock of {whose} agrees")
    ahead = "behind" if there > after else "ahead of"
    line = f"this machine is {skew.total_seconds():.0f} s {ahead} {whose}"
    if skew < _LARGE_SKEW:
        remedy = "set both by NTP (timedatectl): times of tokens and sessions are compared"
        return Finding("clock", Result.WARNING, line, remedy)
    remedy = "set both by NTP (timedatectl): APIs refuse tokens, and sessions end early or late"
    return Finding("clock", Result.WRONG, line, remedy)


async def inspect_rows(
    database: Database, settings: Settings, state: SchemaState, most: int = MANY
) -> list[Finding]:
    """Counts expired rows, up to `most`. The service removes them; a Node server does not."""
    found = []
    for table in list_expiring(settings, state):
        if isinstance(table, KeptTable):
            found.append(Finding("rows", Result.OK, f"{table.name}: {table.why}"))
        else:
            found.append(await _count_expired(database, table, most))
    return found


async def _count_expired(database: Database, table: Expiring, most: int) -> Finding:
    limit = table.write(clock() - table.kept)
    rows = select(table.column).where(table.column < limit).limit(most).subquery()
    try:
        ((count,),) = await database.search(select(func.count()).select_from(rows))
    except StoreUnavailable:
        line = f"{table.name}: counting its expired rows takes too long"
        return Finding("rows", Result.UNCHECKED, line)
    if count < most:
        return Finding("rows", Result.OK, f"{table.name}: {count} expired rows")
    line = f"{table.name}: {most} expired rows or more"
    remedy = f"run `{COMMAND} sessions prune`; `serve` removes few at a time"
    return Finding("rows", Result.WARNING, line, remedy)
