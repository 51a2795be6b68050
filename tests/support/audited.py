"""What the audit has written."""

from typing import Any

from app.auth.audit.table import audit_events
from app.storage.database import Database

Told = dict[str, Any]


async def read_events(database: Database) -> list[Told]:
    """All events, in the order in which they were written."""
    rows = await database.read_all(audit_events.select().order_by(audit_events.c.id))
    return [dict(row._mapping) for row in rows]


async def list_names(database: Database) -> list[str]:
    """The names of all events."""
    return [told["event"] for told in await read_events(database)]


async def read_last(database: Database) -> Told:
    """The last event."""
    return (await read_events(database))[-1]
