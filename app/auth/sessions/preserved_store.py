"""Ended sessions stay as rows (`session.preserveSessionInDatabase`)."""

from sqlalchemy import Update, update

from ...models.clock import now as clock
from ...models.clock import to_iso
from .database_store import DatabaseSessions


class PreservedSessions(DatabaseSessions):
    """Keeps rows for an audit. An ended session expires when it ends."""

    def _ending(self) -> Update:
        """Expires only active sessions, so the end of others does not change."""
        moment = to_iso(clock())
        return (
            update(self._table)
            .where(self._table.c.expiresAt > moment)
            .values(expiresAt=moment, updatedAt=moment)
        )
