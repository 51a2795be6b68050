"""The active organization and the active team of a session."""

from typing import Final

from ...auth.errors import FailedToGetSession
from ...auth.sessions.guard import Guard, SignedInRequest
from ...auth.sessions.store import ActiveSession, SessionStore
from ...models.clock import to_iso
from ...models.records import Session
from ...web.endpoint import B, Q
from ...web.http.asgi import Header

ORGANIZATION: Final = "activeOrganizationId"
TEAM: Final = "activeTeamId"


def find_active_organization(active: ActiveSession | None) -> str | None:
    """Returns the id of the session's active organization."""
    return _find(active, ORGANIZATION)


def find_active_team(active: ActiveSession | None) -> str | None:
    """Returns the id of the session's active team."""
    return _find(active, TEAM)


def _find(active: ActiveSession | None, name: str) -> str | None:
    found = None if active is None else getattr(active.session, name, None)
    return found if isinstance(found, str) else None


class Activation:
    """Changes what is active in a session."""

    def __init__(self, store: SessionStore, guard: Guard) -> None:
        self._store = store
        self._guard = guard

    async def set(self, request: SignedInRequest[B, Q], **changes: str | None) -> Session | None:
        """Changes fields of the caller's session. Returns None if it has ended.

        In secondary storage `updatedAt` stays, as in Better Auth.
        """
        values: dict[str, object] = {**changes}
        if not self._store.uses_secondary_storage:
            values["updated_at"] = to_iso(request.now)
        return await self._store.change(request.caller, values)

    async def set_with_cookies(
        self, request: SignedInRequest[B, Q], **changes: str | None
    ) -> list[Header]:
        """Does the same, and returns the cookies of the session again.

        Raises FailedToGetSession if the session has ended.
        """
        session = await self.set(request, **changes)
        if session is None:
            raise FailedToGetSession(self._guard.expire_cookies(request.headers))
        user, headers = request.caller.user, request.headers
        return [*await self._guard.reissue_cookies(session, user, headers, request.now)]
