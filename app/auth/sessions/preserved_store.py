"""Sessions whose rows outlive them: `session.preserveSessionInDatabase`."""

from sqlalchemy import Update, update

from ...models.clock import now as clock
from ...models.clock import to_iso
from .database_store import DatabaseSessions


class PreservedSessions(DatabaseSessions):
    """The rows stay, for an audit; a session that is ended expires at that moment."""

    def _ending(self) -> Update:
        """Only those that still hold: the moment at which one ended stays what it was."""
        moment = to_iso(clock())
        return (
            update(self._table)
            .where(self._table.c.expiresAt > moment)
            .values(expiresAt=moment, updatedAt=moment)
        )
