"""The sessions that an administrator has as other users, with the admin plugin on or off."""

from ...models.clock import now
from ...schema.state import SchemaState
from ..sessions.sessions import Sessions
from ..sessions.store import SessionFilter


class Impersonators:
    """Ends these sessions. Where they are only in Redis, it reads those of everybody."""

    def __init__(self, schema: SchemaState, sessions: Sessions) -> None:
        self._may_have_any = schema.has_impersonation
        self._sessions = sessions

    async def end_all_of(self, admin_id: str) -> int:
        """Ends the sessions of this administrator as other users. Returns how many."""
        if not self._may_have_any:
            return 0
        pages = self._sessions.store.read_pages(SessionFilter(impersonated_by=admin_id), now())
        found = [session.token async for page in pages for session in page]
        ended = [await self._sessions.ends.end(token, "impersonation ended") for token in found]
        return sum(one is not None for one in ended)
