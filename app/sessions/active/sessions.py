"""All sessions of one user: list them, end them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Delete, bindparam, delete, select

from app.clock import from_iso, to_iso
from app.database import Database
from app.models import sessions
from app.records import Session
from app.sessions.sessions import SESSION_COLUMNS

LISTED = 100  # Better Auth 1.7.7: the adapter's `defaultFindManyLimit`

_UNEXPIRED = (
    select(*SESSION_COLUMNS)
    .where(sessions.c.userId == bindparam("user_id"))
    .where(sessions.c.expiresAt > bindparam("now"))
    .limit(LISTED)
)


class ActiveSessions:
    """Every statement names the user, so that nobody reaches the session of another."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, user_id: str, now: datetime) -> Sequence[Session]:
        """Those that have not expired, at most 100, in no particular order."""
        rows = await self._database.read_all(_UNEXPIRED, {"user_id": user_id, "now": to_iso(now)})
        found = [Session(*row) for row in rows]
        # SQLite compares text, and what is no moment may sort after every moment.
        return [session for session in found if from_iso(session.expires_at) > now]

    async def end(self, user_id: str, token: str) -> None:
        """End the session with this token; one that is unknown or another user's is let be."""
        if "\0" in token:  # no token has one, and PostgreSQL refuses to look for it
            return
        await self._execute(_of(user_id).where(sessions.c.token == token))

    async def end_all(self, user_id: str) -> None:
        """End every session of the user, the caller's own among them."""
        await self._execute(_of(user_id))

    async def end_others(self, user_id: str, token: str) -> None:
        """End every session of the user but the one with this token."""
        await self._execute(_of(user_id).where(sessions.c.token != token))

    async def _execute(self, statement: Delete) -> None:
        async with self._database.begin() as tx:
            await tx.execute(statement)


def _of(user_id: str) -> Delete:
    return delete(sessions).where(sessions.c.userId == user_id)
