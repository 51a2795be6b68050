"""/get-session and /sign-out."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Literal

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import UNSET, Struct, UnsetType, field

from ...models.clock import now as clock
from ...models.errors import (
    DeferSessionRequired,
    FailedToGetSession,
    InvalidBody,
    SigningKeyUnreadable,
)
from ...models.records import ADA, ADAS_SESSION, Session, User
from ...web.http.asgi import Line
from ...web.http.headers import Headers
from ...web.http.response import Answer, AnyRequest
from ...web.input.query import DisableCookieCache, DisableRefresh, is_on
from ...web.input.strict_dto import StrictBody
from ...web.input.validation import WireBody
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import SET_AUTH_TOKEN, SET_COOKIE, documented, header
from ...web.openapi.schemas import (
    ALWAYS,
    MAYBE_SIGNED_IN,
    ON_POST,
    ON_POST_WITHOUT_BODY,
    refusals,
)
from ...web.route_group import RouteGroup
from .cookies import SessionCookies
from .ended import tell_end
from .guard import Cache, Caller, Guard
from .sessions import Sessions

AccessToken = Callable[[User, Session, datetime], Awaitable[str]]

_NO_STORE: list[Line] = [("cache-control", "no-store"), ("pragma", "no-cache")]


class Current(Struct, frozen=True, rename="camel"):
    """The caller's session; `needsRefresh` only with `session.deferSessionRefresh`, on GET."""

    session: Session
    user: User
    needs_refresh: bool | UnsetType = UNSET


class SignOutBody(WireBody, frozen=True):
    """Nothing of it is needed; the official client sends `{}`."""

    callback_url: str | UnsetType = field(default=UNSET, name="callbackURL")
    disable_redirect: bool | UnsetType = UNSET
    state: str | UnsetType = UNSET


class SignedOut(Struct, frozen=True):
    success: Literal[True]


class SessionRoutes(RouteGroup):
    """HTTP for `Sessions`; `access_token` makes the JWT of the `set-auth-jwt` header, if any."""

    def __init__(
        self,
        sessions: Sessions,
        guard: Guard,
        cookies: SessionCookies,
        access_token: AccessToken | None,
    ) -> None:
        self._cookies = cookies
        self._sessions = sessions
        self._guard = guard
        self._access_token = access_token

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [
            _get_session()(self.get_session),
            _post_session()(self.post_session),
            _sign_out()(self.sign_out),
        ]

    async def get_session(
        self,
        request: AnyRequest,
        disable_refresh: DisableRefresh = None,
        disable_cookie_cache: DisableCookieCache = None,
    ) -> Answer[Current | None]:
        """The caller's session and user, or null: to have no session is no error.

        Send the session cookie, or the session token as `Authorization: Bearer`. The answer's
        header `set-auth-jwt` holds an access token for your APIs.
        """
        return await self._current(
            request,
            refresh=not is_on(disable_refresh),
            cache=Cache.IGNORED if is_on(disable_cookie_cache) else Cache.ANSWERS,
            write=not self._sessions.defers_refresh,
        )

    async def post_session(
        self,
        request: AnyRequest,
        disable_refresh: DisableRefresh = None,
        disable_cookie_cache: DisableCookieCache = None,
    ) -> Answer[Current | None]:
        """The same, and renews a session that is due; only with `session.deferSessionRefresh`."""
        if not self._sessions.defers_refresh:
            raise DeferSessionRequired(_NO_STORE)
        return await self._current(
            request,
            refresh=not is_on(disable_refresh),
            cache=Cache.IGNORED if is_on(disable_cookie_cache) else Cache.ANSWERS,
            write=True,
        )

    async def sign_out(
        self, request: AnyRequest, data: JSONBody[SignOutBody | None] = None
    ) -> Answer[SignedOut]:
        """End the session, if there is one, and take its cookies back."""
        presented = self._guard.presented(admitted(request.scope).headers)
        for token in presented.tokens:
            tell_end(await self._sessions.store.end(token), "sign-out")
        return Answer(SignedOut(success=True), self._cookies.clear(presented))

    async def _current(
        self, request: AnyRequest, *, refresh: bool, cache: Cache, write: bool
    ) -> Answer[Current | None]:
        now, headers = clock(), admitted(request.scope).headers
        try:
            caller = await self._guard.caller(
                headers, now, refresh=refresh, write=write, cache=cache
            )
        except FailedToGetSession as gone:
            raise FailedToGetSession([*_NO_STORE, *gone.headers]) from None
        live = caller.live
        if live is None:
            return Answer(None, [*_NO_STORE, *caller.lines])
        due = UNSET if write else live.due
        lines = [*_NO_STORE, *await self._jwt(caller, headers, now), *caller.lines]
        return Answer(Current(live.session, live.user, due), lines)

    async def _jwt(self, caller: Caller, headers: Headers, now: datetime) -> list[Line]:
        """Returns an access token. A revoked session in a cookie cache must not get one."""
        if self._access_token is None:
            return []
        live = await self._guard.confirmed(headers, now) if caller.is_cached else caller.live
        if live is None or live.restriction is not None:
            return []
        return [("set-auth-jwt", await self._access_token(live.user, live.session, now))]


_ANSWER = documented(
    answers={"Signed in": Current(ADAS_SESSION, ADA), "Not signed in": None},
    headers={
        "set-auth-jwt": header("An access token for your APIs."),
        "Set-Cookie": SET_COOKIE,
        "set-auth-token": SET_AUTH_TOKEN,
    },
)

_get_session = partial(
    get,
    "/get-session",
    operation_class=_ANSWER,
    operation_id="getSession",
    tags=["Sessions"],
    security=MAYBE_SIGNED_IN,
    summary="Who is signed in",
    responses=refusals(FailedToGetSession, SigningKeyUnreadable, *ALWAYS),
)
_post_session = partial(
    post,
    "/get-session",
    operation_class=_ANSWER,
    status_code=200,
    operation_id="refreshSession",
    tags=["Sessions"],
    security=MAYBE_SIGNED_IN,
    summary="Renew the session",
    responses=refusals(
        DeferSessionRequired, FailedToGetSession, SigningKeyUnreadable, *ON_POST_WITHOUT_BODY
    ),
)
_sign_out = partial(
    post,
    "/sign-out",
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="signOut",
    tags=["Sessions"],
    security=MAYBE_SIGNED_IN,
    summary="Sign out",
    operation_class=documented(
        sends={"Nothing": {}},
        answers={"Signed out": SignedOut(success=True)},
        headers={"Set-Cookie": SET_COOKIE},
    ),
    responses=refusals(InvalidBody, *ON_POST),
)
