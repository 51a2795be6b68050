"""Sessions whose rows outlive them: `session.preserveSessionInDatabase`."""

from datetime import datetime

from sqlalchemy import Update, update

from app.clock import now as clock
from app.clock import to_iso
from app.sessions.database_store import DatabaseSessions
from app.sessions.ended import Ended


class PreservedSessions(DatabaseSessions):
    """The rows stay, for an audit; a session that is ended expires at that moment."""

    async def end(self, token: str, *, user_id: str | None = None) -> Ended | None:
        if "\0" in token:  # no token has one, and PostgreSQL refuses to look for it
            return None
        statement = self._expire(clock()).where(self._table.c.token == token)
        if user_id is not None:
            statement = statement.where(self._table.c.userId == user_id)
        return await self._ended(statement)

    def _ending(self, user_id: str) -> Update:
        return self._expire(clock()).where(self._table.c.userId == user_id)

    def _expire(self, now: datetime) -> Update:
        """Only those that still hold: the moment at which one ended stays what it was."""
        moment = to_iso(now)
        return (
            update(self._table)
            .where(self._table.c.expiresAt > moment)
            .values(expiresAt=moment, updatedAt=moment)
        )
