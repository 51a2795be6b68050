"""/list-sessions, /revoke-session, /revoke-sessions and /revoke-other-sessions."""

from dataclasses import replace
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ...models.records import ADAS_SESSION, Session
from ...web.endpoint import Caller, Endpoint, Route
from ...web.http.response import JsonResponse
from ...web.input.validation import WireBody
from ..errors import SessionNotFresh
from .guard import Guard, SignedInRequest
from .sessions import Sessions


class RevokeBody(WireBody, frozen=True):
    """The body of `/revoke-session`."""

    token: Annotated[
        str, Meta(description="As `/list-sessions` names it.", examples=[ADAS_SESSION.token])
    ]


class Revoked(Struct, frozen=True):
    status: Literal[True]


REVOKED = Revoked(status=True)

LIST_SESSIONS = Endpoint(
    "GET /list-sessions",
    name="listUserSessions",
    tag="Sessions",
    summary="List my sessions",
    caller=Caller.FRESH,
    responses={"One session": [ADAS_SESSION]},
    refuses=(SessionNotFresh,),
)
REVOKE_SESSION = Endpoint(
    "POST /revoke-session",
    name="revokeSession",
    tag="Sessions",
    summary="End one of my sessions",
    caller=Caller.STORED,
    body=RevokeBody,
    body_examples={"A session": {"token": ADAS_SESSION.token}},
    responses={"Ended": REVOKED},
)
REVOKE_SESSIONS = Endpoint(
    "POST /revoke-sessions",
    name="revokeSessions",
    tag="Sessions",
    summary="End all my sessions",
    caller=Caller.STORED,
    responses={"Ended": REVOKED},
)
REVOKE_OTHER_SESSIONS = replace(
    REVOKE_SESSIONS,
    method_and_path="POST /revoke-other-sessions",
    name="revokeOtherSessions",
    summary="End my other sessions",
)


class ActiveSessionRoutes:
    """HTTP for `Sessions`; every call names the user, so that nobody reaches another's."""

    def __init__(self, guard: Guard, sessions: Sessions) -> None:
        self._guard = guard
        self._sessions = sessions
        self._listed_sessions = sessions.hooks.listed_sessions

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            LIST_SESSIONS.with_handler(self.list_sessions, self._guard),
            REVOKE_SESSION.with_handler(self.revoke_session, self._guard),
            REVOKE_SESSIONS.with_handler(self.revoke_sessions, self._guard),
            REVOKE_OTHER_SESSIONS.with_handler(self.revoke_other_sessions, self._guard),
        ]

    async def list_sessions(self, request: SignedInRequest) -> JsonResponse[list[Session]]:
        """Where the caller is signed in: sessions that have not expired, at most 100.

        Each `token` is a credential, so only a session that began less than `session.freshAge`
        ago (a day) gets them.
        """
        sessions = await self._sessions.store.list_active(request.caller.user.id, request.now)
        for select in self._listed_sessions:
            sessions = select(sessions)
        return JsonResponse([*sessions])

    async def revoke_session(self, request: SignedInRequest[RevokeBody]) -> JsonResponse[Revoked]:
        """End one session of the caller, here or on another device.

        The answer is the same for a token that is unknown or another user's; nothing happens then.
        For the caller's own token it takes the session cookie back.
        """
        caller, token = request.caller, request.body.token
        await self._sessions.ends.end(token, "revoked", user_id=caller.user.id)
        if token == caller.session.token:
            request.caller_headers = self._guard.expire_cookies(request.headers)
        return JsonResponse(REVOKED)

    async def revoke_sessions(self, request: SignedInRequest) -> JsonResponse[Revoked]:
        """End every session of the caller, this one too: the answer takes its cookie back."""
        await self._sessions.ends.end_all(request.caller.user.id)
        request.caller_headers = self._guard.expire_cookies(request.headers)
        return JsonResponse(REVOKED)

    async def revoke_other_sessions(self, request: SignedInRequest) -> JsonResponse[Revoked]:
        """End every session of the caller but this one."""
        user_id, kept = request.caller.user.id, request.caller.session.token
        await self._sessions.ends.end_all(user_id, but=kept)
        return JsonResponse(REVOKED)
