"""The sessions of one browser: list them, switch to one, and end one."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from ...auth.errors import BannedUser, TwoFactorRequired
from ...auth.sessions.cookies import SetCookie
from ...auth.sessions.guard import SignedInRequest
from ...models.errors import Refusal
from ...models.records import ADA, ADAS_SESSION, Session, User
from ...models.telemetry.log_context import note_user
from ...web.endpoint import COOKIES, SET_COOKIE, ApiRequest, Caller, Endpoint, Route
from ...web.http.headers import Headers
from ...web.http.response import JsonResponse
from ...web.input.validation import WireBody
from ..plugin import Services
from .cookies import DeviceCookies
from .device_sessions import DeviceSessions

TAG: Final = "Sessions of a browser"


class InvalidSessionToken(Refusal):
    """The browser has no cookie of this session, or the session has ended."""

    status, code, message = 401, "INVALID_SESSION_TOKEN", "Invalid session token"
    response_headers = ("Set-Cookie",)


class SessionTokenBody(WireBody, frozen=True):
    """The body that names a session."""

    session_token: Annotated[
        str,
        Meta(
            description="As `/multi-session/list-device-sessions` names it.",
            examples=[ADAS_SESSION.token],
        ),
    ]


class DeviceSession(Struct, frozen=True):
    """A session of a browser, and its user."""

    session: Session
    user: User


class DeviceSessionRevoked(Struct, frozen=True):
    status: Literal[True]


_BODY: Final = {"A session": {"sessionToken": ADAS_SESSION.token}}

LIST_DEVICE_SESSIONS: Final = Endpoint(
    "GET /multi-session/list-device-sessions",
    name="listDeviceSessions",
    tag=TAG,
    summary="List the sessions of this browser",
    responses={"One session": [DeviceSession(ADAS_SESSION, ADA)]},
)
SET_ACTIVE_SESSION: Final = Endpoint(
    "POST /multi-session/set-active",
    name="setActiveSession",
    tag=TAG,
    summary="Switch to another session of this browser",
    body=SessionTokenBody,
    body_examples=_BODY,
    responses={"Switched": DeviceSession(ADAS_SESSION, ADA)},
    headers=COOKIES,
    refuses=(InvalidSessionToken, BannedUser, TwoFactorRequired),
)
REVOKE_DEVICE_SESSION: Final = Endpoint(
    "POST /multi-session/revoke",
    name="revokeDeviceSession",
    tag=TAG,
    summary="End a session of this browser",
    caller=Caller.SESSION,
    body=SessionTokenBody,
    body_examples=_BODY,
    responses={"Ended": DeviceSessionRevoked(status=True)},
    headers={**COOKIES, "Set-Cookie": SET_COOKIE},
    refuses=(InvalidSessionToken,),
)


class DeviceSessionRoutes:
    """HTTP for `DeviceSessions`."""

    def __init__(
        self, services: Services, sessions: DeviceSessions, cookies: DeviceCookies
    ) -> None:
        self._guard = services.guard
        self._all_sessions = services.sessions
        self._sessions = sessions
        self._cookies = cookies

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            LIST_DEVICE_SESSIONS.with_handler(self.list_device_sessions),
            SET_ACTIVE_SESSION.with_handler(self.set_active),
            REVOKE_DEVICE_SESSION.with_handler(self.revoke, self._guard),
        ]

    async def list_device_sessions(self, request: ApiRequest) -> JsonResponse[list[DeviceSession]]:
        """The sessions whose cookies this browser has, one for each user."""
        found = await self._sessions.list_active(request.headers, request.now)
        first = {active.user.id: active for active in reversed(found)}
        return JsonResponse(
            [
                DeviceSession(active.session, active.user)
                for active in found
                if first[active.user.id] is active
            ]
        )

    async def set_active(
        self, request: ApiRequest[SessionTokenBody]
    ) -> JsonResponse[DeviceSession]:
        """Make a session of this browser the current one: the answer sets the session cookie.

        The session that was current before stays, and can be made current again.
        """
        headers, cookie = request.headers, self._cookies.make(request.body.session_token)
        token = cookie.find(headers)
        if token is None:
            raise InvalidSessionToken
        active = await self._sessions.find_active(token, request.now)
        if active is None:
            raise InvalidSessionToken([cookie.expire()])
        note_user(active.user.id)
        if active.restriction is not None:
            raise active.restriction
        issued = await self._guard.reissue_cookies(
            active.session, active.user, headers, request.now
        )
        return JsonResponse(DeviceSession(active.session, active.user), issued)

    async def revoke(
        self, request: SignedInRequest[SessionTokenBody]
    ) -> JsonResponse[DeviceSessionRevoked]:
        """End a session of this browser. If it is the current one, the next becomes current.

        Without another session the answer takes the session cookie back.
        """
        headers, cookie = request.headers, self._cookies.make(request.body.session_token)
        token = cookie.find(headers)
        if token is None:
            raise InvalidSessionToken
        await self._all_sessions.ends.end(token, "revoked")
        if token == request.caller.session.token:
            request.caller_headers = [cookie.expire(), *await self._switch(headers, request)]
            return JsonResponse(DeviceSessionRevoked(status=True))
        return JsonResponse(DeviceSessionRevoked(status=True), [cookie.expire()])

    async def _switch(
        self, headers: Headers, request: SignedInRequest[SessionTokenBody]
    ) -> list[SetCookie]:
        """Returns the cookies of the next session, or those that expire the session cookie."""
        for active in await self._sessions.list_active(headers, request.now):
            if active.restriction is None:
                return await self._guard.reissue_cookies(
                    active.session, active.user, headers, request.now
                )
        return self._guard.expire_cookies(headers)
