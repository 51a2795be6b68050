"""Whose sessions a command is about."""

from datetime import datetime

from msgspec import Struct

from ...auth.sessions.store import SessionFilter
from ...server.container import Container
from ..person import get_person
from .ages import find_limit


class SessionChoice(Struct, frozen=True, kw_only=True):
    """The options that choose sessions."""

    email: str | None
    user_id: str | None
    session_id: str | None
    older_than: str | None

    async def make_filter(self, container: Container, now: datetime) -> SessionFilter:
        """Returns the filter. Raises NoSuchPerson, and `SettingsError` for an invalid age."""
        limit = find_limit(self.older_than, now)
        user_id = None
        if self.email is not None or self.user_id is not None:
            user_id = (await get_person(container, self.email, self.user_id)).id
        return SessionFilter(user_id, self.session_id, limit)
