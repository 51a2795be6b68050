"""Reads audit events, the newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import bindparam, select

from ...models.clock import to_iso
from ...models.records import Timestamp
from ...models.tables import Tables
from ...storage.database import Database
from .events import Detail, EventName
from .table import audit_events


class AuditRecord(Struct, frozen=True, rename="camel"):
    """A stored event. `count`: how many failures, or requests for a mail, it stands for.

    `actor` is user, operator, system or anybody; `actor_id` is the id of the user, or the name of
    the operator.
    """

    created_at: Timestamp
    event: str
    actor: str
    actor_id: str | None
    user_id: str | None
    reason: str | None
    details: Mapping[str, Detail] | None
    count: int
    ip_address: str | None
    user_agent: str | None
    session_id: str | None
    request_id: str | None


class AuditFilter(Struct, frozen=True):
    """Which events are asked for. None: any."""

    user_id: str | None = None
    since: datetime | None = None
    event: EventName | None = None


class AuditHistory:
    """Reads what `Audit` has written."""

    def __init__(self, database: Database, tables: Tables) -> None:
        self._database = database
        self._table = tables.make(audit_events)

    async def list_events(self, criteria: AuditFilter, most: int) -> Sequence[AuditRecord]:
        """Returns the newest events, at most `most`. Raises `StoreUnavailable`."""
        columns = self._table.c
        found = select(*(columns[name] for name in AuditRecord.__struct_fields__))
        if criteria.user_id is not None:
            found = found.where(columns.user_id == bindparam("owner", criteria.user_id))
        if criteria.event is not None:
            found = found.where(columns.event == bindparam("name", criteria.event))
        if criteria.since is not None:
            found = found.where(columns.created_at >= to_iso(criteria.since))
        newest = found.order_by(columns.created_at.desc(), columns.id.desc()).limit(most)
        return [AuditRecord(*row) for row in await self._database.read_all(newest)]
