"""The database of one side, changed by hand as time or an administrator would."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from msgspec import Struct

from app.models.clock import from_iso, to_iso

Rows = list[dict[str, Any]]


class Place(Struct, frozen=True):
    """Where it is; `file` on SQLite, `url` on PostgreSQL."""

    file: str = ""
    url: str = ""

    @property
    def database_url(self) -> str:
        """As `DATABASE_URL` says it."""
        return f"sqlite:///{self.file}" if self.file else self.url

    async def run(self, statement: str, *values: object) -> Rows:
        """One statement with `?` for each value; identifiers are camelCase and quoted."""
        if self.file:
            return await asyncio.to_thread(self._on_sqlite, statement, values)
        parts = statement.split("?")
        numbered = "".join(f"{part}${n}" for n, part in enumerate(parts[:-1], start=1)) + parts[-1]
        connection = await asyncpg.connect(self.url)
        try:
            return [dict(row) for row in await connection.fetch(numbered, *values)]
        finally:
            await connection.close()

    async def shift(self, table: str, column: str, email: str, by: timedelta) -> None:
        """Move a moment in all rows of one user."""
        owner = "id" if table == "user" else '"userId"'
        where = f'WHERE {owner} IN (SELECT id FROM "user" WHERE email = ?)'
        rows = await self.run(f'SELECT id, "{column}" AS moment FROM "{table}" {where}', email)
        assert rows, f"{email} has no row in {table}"
        for row in rows:
            change = f'UPDATE "{table}" SET "{column}" = ? WHERE id = ?'
            await self.run(change, self.moment(_moment(row["moment"]) + by), row["id"])

    def moment(self, value: datetime) -> object:
        """As the engine stores it."""
        return to_iso(value) if self.file else value

    def _on_sqlite(self, statement: str, values: tuple[object, ...]) -> Rows:
        with closing(sqlite3.connect(self.file, timeout=30)) as connection, connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement, values)]


def _moment(stored: str | datetime) -> datetime:
    return stored if isinstance(stored, datetime) else from_iso(stored)
