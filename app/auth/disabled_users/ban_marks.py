"""The admin plugin's columns of bans, for a Node server that shares the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.additional_columns import with_columns
from ...models.additional_fields import AdditionalField
from ...models.clock import to_iso
from ...models.mappers import Mapper
from ...models.records import User
from ...models.tables import Tables
from ...schema.state import SchemaState
from ...storage.database import Database

_FIELDS: Final = (
    AdditionalField(name="banned", type="boolean", required=False),
    AdditionalField(name="banReason", type="string", required=False),
    AdditionalField(name="banExpires", type="date", required=False),
)


class BanMark(Struct, frozen=True):
    """A ban as the columns have it. `expires` None: it has no end."""

    reason: str | None
    expires: str | None


class BanMarks:
    """Reads and sets these columns, whether the admin plugin is on here or not."""

    def __init__(
        self, database: Database, mapper: Mapper[User], tables: Tables, schema: SchemaState
    ) -> None:
        self._database = database
        known = {field.name: field for field in mapper.additional}
        fields = tuple(
            known.get(field.name, field) for field in _FIELDS if field.name in schema.ban_columns
        )
        self._columns = {field.name: field.column for field in fields}
        layout = tables.layout.describe_table("user")
        self._table = with_columns(tables.users, fields, database.dialect, layout)

    @property
    def are_there(self) -> bool:
        """Whether the database has the column that refuses a session."""
        return "banned" in self._columns

    async def find(self, user_id: str) -> BanMark | None:
        """Returns the ban of a user, None without one."""
        if not self.are_there:
            return None
        columns = [self._table.c[name] for name in self._columns.values()]
        statement = select(*columns).where(self._table.c.id == user_id)
        rows = await self._database.read_all(statement)
        found = dict(zip(self._columns, rows[0], strict=True)) if rows else {}
        if not found.get("banned"):
            return None
        reason, expires = found.get("banReason"), found.get("banExpires")
        return BanMark(
            None if reason is None else str(reason), None if expires is None else str(expires)
        )

    async def set(self, user_id: str, reason: str, now: datetime) -> None:
        """Bans a user without an end."""
        banned = {"banned": True, "banReason": reason, "banExpires": None}
        async with self._database.begin() as tx:
            await self._write(tx, user_id, banned, now)

    async def clear(self, tx: AsyncConnection, user_id: str, now: datetime) -> None:
        """Lifts the ban of a user, as a step of `tx`."""
        lifted = {"banned": False, "banReason": None, "banExpires": None}
        await self._write(tx, user_id, lifted, now)

    async def _write(
        self, tx: AsyncConnection, user_id: str, values: Mapping[str, object], now: datetime
    ) -> None:
        there = {
            self._columns[name]: value for name, value in values.items() if name in self._columns
        }
        statement = update(self._table).where(self._table.c.id == user_id)
        await tx.execute(statement.values({**there, "updatedAt": to_iso(now)}))
