"""The administrators who call."""

from ...auth.errors import NobodySignedIn
from ...auth.sessions.store import ActiveSession
from ...models.errors import Refusal
from ...models.records import User
from ..plugin import Services
from .access import AdminAccess


class AdminCallers:
    """Finds the caller as the database has the user now, and checks what the caller may do."""

    def __init__(self, services: Services, access: AdminAccess) -> None:
        self._users = services.users
        self._has_copies = services.session_store.uses_secondary_storage
        self._access = access

    async def get(self, active: ActiveSession) -> User:
        """Returns the user of a session. Raises NobodySignedIn if the user was deleted."""
        if not self._has_copies:
            return active.user
        # The copy of the user in secondary storage may be older than a change of the role.
        user = await self._users.find_by_id(active.user.id)
        if user is None:
            raise NobodySignedIn
        return user

    async def get_allowed(
        self, active: ActiveSession, resource: str, action: str, refusal: type[Refusal]
    ) -> User:
        """Returns the same if the user has the permission, and raises `refusal` otherwise."""
        user = await self.get(active)
        self._access.check(user, resource, action, refusal)
        return user
