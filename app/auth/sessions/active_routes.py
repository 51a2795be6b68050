"""/list-sessions, /revoke-session, /revoke-sessions and /revoke-other-sessions."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Meta, Struct

from ...models.clock import now as clock
from ...models.errors import InvalidBody, SessionNotFresh, Unauthorized
from ...models.records import ADAS_SESSION, Session
from ...web.http.response import Answer, AnyRequest
from ...web.input.query import DisableCookieCache, DisableRefresh, is_on
from ...web.input.strict_dto import StrictBody
from ...web.input.validation import WireBody
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import SET_AUTH_TOKEN, SET_COOKIE, documented
from ...web.openapi.schemas import ALWAYS, ON_POST, SIGNED_IN, refusals
from ...web.route_group import RouteGroup
from .cookies import SetCookie
from .ended import tell_end, tell_ends
from .guard import Guard
from .live import Live
from .store import SessionStore


class RevokeBody(WireBody, frozen=True):
    token: Annotated[
        str, Meta(description="As `/list-sessions` names it.", examples=[ADAS_SESSION.token])
    ]


class Revoked(Struct, frozen=True):
    status: Literal[True]


REVOKED = Revoked(status=True)


class ActiveSessionRoutes(RouteGroup):
    """HTTP for `SessionStore`; every call names the user, so that nobody reaches another's."""

    def __init__(self, guard: Guard, store: SessionStore) -> None:
        self._guard = guard
        self._store = store

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [
            _list_sessions()(self.list_sessions),
            _revoke_session()(self.revoke_session),
            _revoke_sessions()(self.revoke_sessions),
            _revoke_other_sessions()(self.revoke_other_sessions),
        ]

    async def list_sessions(
        self,
        request: AnyRequest,
        disable_refresh: DisableRefresh = None,
        disable_cookie_cache: DisableCookieCache = None,
    ) -> Answer[Sequence[Session]]:
        """Where the caller is signed in: sessions that have not expired, at most 100.

        Each `token` is a credential, so only a session that began less than `session.freshAge`
        ago (a day) gets them.
        """
        now, headers = clock(), admitted(request.scope).headers
        refresh, cache = not is_on(disable_refresh), not is_on(disable_cookie_cache)
        live, lines = await self._guard.fresh(headers, now, refresh=refresh, cache=cache)
        return Answer(await self._store.listed(live.user.id, now), lines)

    async def revoke_session(
        self,
        request: AnyRequest,
        data: JSONBody[RevokeBody],
        disable_refresh: DisableRefresh = None,
    ) -> Answer[Revoked]:
        """End one session of the caller, here or on another device.

        The answer is the same for a token that is unknown or another user's; nothing happens then.
        For the caller's own token it takes the session cookie back.
        """
        live, lines = await self._caller(request, disable_refresh)
        tell_end(await self._store.end(data.token, user_id=live.user.id), "revoked")
        own = data.token == live.session.token
        return Answer(REVOKED, self._gone(request) if own else lines)

    async def revoke_sessions(
        self, request: AnyRequest, disable_refresh: DisableRefresh = None
    ) -> Answer[Revoked]:
        """End every session of the caller, this one too: the answer takes its cookie back."""
        live, _ = await self._caller(request, disable_refresh)
        tell_ends(live.user.id, await self._store.end_all(live.user.id), "revoked")
        return Answer(REVOKED, self._gone(request))

    async def revoke_other_sessions(
        self, request: AnyRequest, disable_refresh: DisableRefresh = None
    ) -> Answer[Revoked]:
        """End every session of the caller but this one."""
        live, lines = await self._caller(request, disable_refresh)
        count = await self._store.end_all(live.user.id, but=live.session.token)
        tell_ends(live.user.id, count, "revoked")
        return Answer(REVOKED, lines)

    async def _caller(
        self, request: AnyRequest, disable_refresh: list[str] | None
    ) -> tuple[Live, list[SetCookie]]:
        headers = admitted(request.scope).headers
        return await self._guard.sensitive(headers, clock(), refresh=not is_on(disable_refresh))

    def _gone(self, request: AnyRequest) -> list[SetCookie]:
        """In place of the guard's lines, which may give a session that has ended since."""
        return self._guard.cleared(admitted(request.scope).headers)


_COOKIES = {"Set-Cookie": SET_COOKIE, "set-auth-token": SET_AUTH_TOKEN}
_ANSWER = documented(answers={"Ended": REVOKED}, headers=_COOKIES)

_list_sessions = partial(
    get,
    "/list-sessions",
    operation_class=documented(answers={"One session": [ADAS_SESSION]}, headers=_COOKIES),
    operation_id="listUserSessions",
    tags=["Sessions"],
    security=SIGNED_IN,
    summary="List my sessions",
    responses=refusals(Unauthorized, SessionNotFresh, *ALWAYS),
)
_revoke_session = partial(
    post,
    "/revoke-session",
    operation_class=documented(
        sends={"A session": {"token": ADAS_SESSION.token}},
        answers={"Ended": REVOKED},
        headers=_COOKIES,
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="revokeSession",
    tags=["Sessions"],
    security=SIGNED_IN,
    summary="End one of my sessions",
    responses=refusals(InvalidBody, Unauthorized, *ON_POST),
)
_revoke_sessions = partial(
    post,
    "/revoke-sessions",
    operation_class=_ANSWER,
    status_code=200,
    operation_id="revokeSessions",
    tags=["Sessions"],
    security=SIGNED_IN,
    summary="End all my sessions",
    responses=refusals(Unauthorized, *ON_POST),
)
_revoke_other_sessions = partial(
    post,
    "/revoke-other-sessions",
    operation_class=_ANSWER,
    status_code=200,
    operation_id="revokeOtherSessions",
    tags=["Sessions"],
    security=SIGNED_IN,
    summary="End my other sessions",
    responses=refusals(Unauthorized, *ON_POST),
)
