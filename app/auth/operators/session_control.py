"""Lists and ends sessions for an operator, wherever they are stored."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from ...models.records import Session
from ..sessions.sessions import Sessions
from ..sessions.store import ActiveSession, SessionFilter


class SessionControl:
    """What is ended is refused by every server at the next request.

    A cookie cache tells of it when it expires.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def read_pages(self, chosen: SessionFilter, now: datetime) -> AsyncIterator[Sequence[Session]]:
        """Yields the active sessions that are meant. None of them may be shown with its token."""
        return self._sessions.store.read_pages(chosen, now)

    async def find(self, user_id: str, session_id: str, now: datetime) -> ActiveSession | None:
        """Returns the user's active session with this id, or None."""
        chosen = SessionFilter(user_id=user_id, session_id=session_id)
        async for page in self.read_pages(chosen, now):
            for session in page:
                return await self._sessions.store.find(session.token)
        return None

    async def revoke(self, chosen: SessionFilter, now: datetime) -> int:
        """Ends them. Returns how many there were.

        All of one user end with those that come in meanwhile.
        """
        if chosen == SessionFilter(user_id=chosen.user_id) and chosen.user_id is not None:
            return await self._sessions.ends.end_all(chosen.user_id)
        total = 0
        async for page in self.read_pages(chosen, now):
            if page:
                total += await self._sessions.ends.end_listed(page)
        return total
