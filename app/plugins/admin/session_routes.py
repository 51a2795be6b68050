"""HTTP for sessions of users, and for `Impersonations`."""

from ...auth.sessions.guard import SignedInRequest
from ...web.endpoint import Route
from ...web.http.response import JsonResponse
from ..plugin import Services
from . import errors
from . import session_endpoints as endpoints
from .bodies import ImpersonationView, SessionsView, Success, UserIdBody, UserSessionBody
from .callers import AdminCallers
from .impersonation import Impersonations
from .managed_users import ManagedUsers
from .user_endpoints import SUCCESS


class AdminSessionRoutes:
    """The endpoints about sessions. Each first checks what the caller may do."""

    def __init__(
        self,
        services: Services,
        callers: AdminCallers,
        users: ManagedUsers,
        impersonations: Impersonations,
    ) -> None:
        self._guard = services.guard
        self._sessions = services.sessions
        self._callers = callers
        self._users = users
        self._impersonations = impersonations

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        guard = self._guard
        return [
            endpoints.LIST_USER_SESSIONS.with_handler(self.list_user_sessions, guard),
            endpoints.IMPERSONATE_USER.with_handler(self.impersonate_user, guard),
            endpoints.STOP_IMPERSONATING.with_handler(self.stop_impersonating, guard),
            endpoints.REVOKE_USER_SESSION.with_handler(self.revoke_user_session, guard),
            endpoints.REVOKE_USER_SESSIONS.with_handler(self.revoke_user_sessions, guard),
        ]

    async def list_user_sessions(
        self, request: SignedInRequest[UserIdBody]
    ) -> JsonResponse[SessionsView]:
        """At most 100, also expired ones, and those of administrators as this user."""
        refusal = errors.MayNotListSessions
        await self._callers.get_allowed(request.caller, "session", "list", refusal)
        found = await self._sessions.store.list_all(request.body.target, request.now)
        return JsonResponse(SessionsView([*found]))

    async def impersonate_user(
        self, request: SignedInRequest[UserIdBody]
    ) -> JsonResponse[ImpersonationView]:
        """The session ends after `impersonationSessionDuration`, an hour by default.

        The administrator's own session waits in a cookie.
        """
        refusal = errors.MayNotImpersonate
        caller = await self._callers.get_allowed(request.caller, "user", "impersonate", refusal)
        user = await self._users.get(request.body.target)
        own = request.caller.session
        view, headers = await self._impersonations.begin(caller, own, user, request)
        request.caller_headers = headers
        return JsonResponse(view)

    async def stop_impersonating(self, request: SignedInRequest) -> JsonResponse[ImpersonationView]:
        """Ends the session of the user."""
        view, headers = await self._impersonations.end(request.caller, request)
        request.caller_headers = headers
        return JsonResponse(view)

    async def revoke_user_session(
        self, request: SignedInRequest[UserSessionBody]
    ) -> JsonResponse[Success]:
        """The answer is the same for an unknown token."""
        refusal = errors.MayNotRevokeSessions
        await self._callers.get_allowed(request.caller, "session", "revoke", refusal)
        token = request.body.session_token
        await self._sessions.ends.end(token, "revoked")
        if token == request.caller.session.token:
            request.caller_headers = self._guard.expire_cookies(request.headers)
        return JsonResponse(SUCCESS)

    async def revoke_user_sessions(
        self, request: SignedInRequest[UserIdBody]
    ) -> JsonResponse[Success]:
        """The answer is the same for an unknown user."""
        refusal = errors.MayNotRevokeSessions
        caller = await self._callers.get_allowed(request.caller, "session", "revoke", refusal)
        target = request.body.target
        await self._sessions.ends.end_all(target)
        if target == caller.id:
            request.caller_headers = self._guard.expire_cookies(request.headers)
        return JsonResponse(SUCCESS)
