"""/update-session."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Struct

from ...models.clock import now as clock
from ...models.errors import (
    FailedToGetSession,
    FailedToUpdateSession,
    FieldNotAllowed,
    InvalidBody,
    NoFieldsToUpdate,
    Unauthorized,
)
from ...models.records import ADAS_SESSION, Session
from ...web.http.response import Answer, AnyRequest
from ...web.input.query import DisableCookieCache, DisableRefresh, is_on
from ...web.input.strict_dto import StrictBody
from ...web.input.validation import WireBody
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import SET_AUTH_TOKEN, SET_COOKIE, documented
from ...web.openapi.schemas import ON_POST, SIGNED_IN, refusals
from ...web.route_group import RouteGroup
from .guard import Guard, owing
from .sessions import Sessions


class UpdateSessionBody(WireBody, frozen=True):
    """Additional fields of sessions, as the deployment names them."""

    roots: ClassVar[tuple[str, ...]] = ("record",)


class UpdatedSession(Struct, frozen=True):
    session: Session


class UpdateSessionRoutes(RouteGroup):
    """HTTP for `Sessions.change`."""

    def __init__(self, guard: Guard, sessions: Sessions) -> None:
        self._guard = guard
        self._sessions = sessions

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [_update_session()(self.update_session)]

    async def update_session(
        self,
        request: AnyRequest,
        data: JSONBody[UpdateSessionBody],
        disable_refresh: DisableRefresh = None,
        disable_cookie_cache: DisableCookieCache = None,
    ) -> Answer[UpdatedSession]:
        """Change additional fields of my session; the session cookie is sent anew."""
        known, now = admitted(request.scope), clock()
        refresh, cache = not is_on(disable_refresh), not is_on(disable_cookie_cache)
        live, lines = await self._guard.signed_in(known.headers, now, refresh=refresh, cache=cache)
        with owing(lines):
            given = known.document.fields(self._sessions.additional_names)
            session = await self._sessions.change(live, given, now)
            if session is None:
                raise FailedToGetSession(self._guard.cleared(known.headers))
        issued = self._guard.reissued(session, live.user, known.headers, now)
        return Answer(UpdatedSession(session), [*lines, *issued])


_update_session = partial(
    post,
    "/update-session",
    operation_class=documented(
        sends={"An additional field": {"theme": "dark"}},
        answers={"Changed": UpdatedSession(ADAS_SESSION)},
        headers={"Set-Cookie": SET_COOKIE, "set-auth-token": SET_AUTH_TOKEN},
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="updateSession",
    tags=["Sessions"],
    security=SIGNED_IN,
    summary="Change my session",
    responses=refusals(
        InvalidBody,
        FieldNotAllowed,
        NoFieldsToUpdate,
        FailedToUpdateSession,
        FailedToGetSession,
        Unauthorized,
        *ON_POST,
    ),
)
