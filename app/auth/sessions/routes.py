"""/get-session and /sign-out."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

from ...models.records import ADA, ADAS_SESSION, Session, User
from ...web.endpoint import COOKIES, SET_COOKIE, ApiRequest, Caller, Endpoint, Route
from ...web.http.asgi import Header
from ...web.http.response import JsonResponse
from ...web.input.validation import WireBody
from ..errors import DeferSessionRequired, FailedToGetSession, SigningKeyUnreadable
from .cookies import SessionCookies
from .ended import log_sign_out_incomplete
from .guard import CacheUse, Guard, Identity
from .sessions import Sessions

_NO_STORE: list[Header] = [("cache-control", "no-store"), ("pragma", "no-cache")]


class Current(Struct, frozen=True, rename="camel"):
    """The caller's session. `needsRefresh` only with `session.deferSessionRefresh`, on GET."""

    session: Session
    user: User
    needs_refresh: bool | UnsetType = UNSET


class SignOutBody(WireBody, frozen=True):
    """Nothing of it is needed; the official client sends `{}`."""

    callback_url: str | UnsetType = field(default=UNSET, name="callbackURL")
    disable_redirect: bool | UnsetType = UNSET
    state: str | UnsetType = UNSET


class SignedOut(Struct, frozen=True):
    """The response of `/sign-out`."""

    success: Literal[True]


_RESPONSES = {"Signed in": Current(ADAS_SESSION, ADA), "Not signed in": None}
_HEADERS = {"set-auth-jwt": "An access token for your APIs.", **COOKIES}

GET_SESSION = Endpoint(
    "GET /get-session",
    name="getSession",
    tag="Sessions",
    summary="Who is signed in",
    caller=Caller.HANDLER,
    has_switches=True,
    responses=_RESPONSES,
    headers=_HEADERS,
    refuses=(FailedToGetSession, SigningKeyUnreadable),
)
REFRESH_SESSION = Endpoint(
    "POST /get-session",
    name="refreshSession",
    tag="Sessions",
    summary="Renew the session",
    caller=Caller.HANDLER,
    has_switches=True,
    ignores_body=True,
    responses=_RESPONSES,
    headers=_HEADERS,
    refuses=(DeferSessionRequired, FailedToGetSession, SigningKeyUnreadable),
)
SIGN_OUT = Endpoint(
    "POST /sign-out",
    name="signOut",
    tag="Sessions",
    summary="Sign out",
    caller=Caller.HANDLER,
    body=SignOutBody,
    is_body_optional=True,
    body_examples={"Nothing": {}},
    responses={"Signed out": SignedOut(success=True)},
    headers={"Set-Cookie": SET_COOKIE},
)


class SessionRoutes:
    """HTTP for `Sessions`."""

    def __init__(self, sessions: Sessions, guard: Guard, cookies: SessionCookies) -> None:
        self._cookies = cookies
        self._sessions = sessions
        self._guard = guard
        self._session_read = sessions.hooks.session_read
        self._signed_out = sessions.hooks.signed_out

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            GET_SESSION.with_handler(self.get_session),
            REFRESH_SESSION.with_handler(self.refresh_session),
            SIGN_OUT.with_handler(self.sign_out),
        ]

    async def get_session(self, request: ApiRequest) -> JsonResponse[Current | None]:
        """The caller's session and user, or null: to have no session is no error.

        Send the session cookie, or the session token as `Authorization: Bearer`. The answer's
        header `set-auth-jwt` holds an access token for your APIs.
        """
        return await self._respond(request, write=not self._sessions.defers_refresh)

    async def refresh_session(self, request: ApiRequest) -> JsonResponse[Current | None]:
        """The same, and renews a session that is due; only with `session.deferSessionRefresh`."""
        if not self._sessions.defers_refresh:
            raise DeferSessionRequired(_NO_STORE)
        return await self._respond(request, write=True)

    async def sign_out(self, request: ApiRequest[SignOutBody]) -> JsonResponse[SignedOut]:
        """End the session, if there is one, and take its cookies back."""
        credentials = self._guard.read_credentials(request.headers)
        for token in credentials.tokens:
            await self._sessions.ends.end(token, "sign-out")
        response_headers = self._cookies.expire_all(credentials)
        for hook in self._signed_out:
            try:
                response_headers += await hook(request.headers)
            except Exception as fault:  # noqa: BLE001  # the session is over, so the cookies go
                log_sign_out_incomplete(fault)
        return JsonResponse(SignedOut(success=True), response_headers)

    async def _respond(self, request: ApiRequest, *, write: bool) -> JsonResponse[Current | None]:
        switches = request.parse_query()
        try:
            found = await self._guard.find_caller(
                request.headers,
                request.now,
                refresh=not switches.get("disableRefresh"),
                write=write,
                cache=CacheUse.IGNORED if switches.get("disableCookieCache") else CacheUse.TRUSTED,
            )
        except FailedToGetSession as refusal:
            raise refusal.with_headers(_NO_STORE) from None
        active = found.active
        if active is None:
            return JsonResponse(None, [*_NO_STORE, *found.headers])
        due = UNSET if write else active.due
        response_headers = [*_NO_STORE, *await self._list_more(found, request), *found.headers]
        return JsonResponse(Current(active.session, active.user, due), response_headers)

    async def _list_more(self, found: Identity, request: ApiRequest) -> list[Header]:
        """Returns the headers of plugins, for a session that the store has: they may outlive it."""
        if not self._session_read:
            return []
        active, now = found.active, request.now
        if found.is_cached:
            active = await self._guard.find_stored(request.headers, now)
        if active is None or active.restriction is not None:
            return []
        response_headers: list[Header] = []
        for hook in self._session_read:
            response_headers += await hook(active.user, active.session, now)
        return response_headers
