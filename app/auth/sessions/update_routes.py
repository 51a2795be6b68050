"""/update-session."""

from typing import ClassVar

from msgspec import Struct

from ...models.records import ADAS_SESSION, Session
from ...web.endpoint import Caller, Endpoint, Route
from ...web.http.response import JsonResponse
from ...web.input.validation import WireBody
from ..errors import FailedToGetSession, FailedToUpdateSession, FieldNotAllowed, NoFieldsToUpdate
from .guard import Guard, SignedInRequest
from .sessions import Sessions


class UpdateSessionBody(WireBody, frozen=True):
    """Additional fields of sessions, as the settings define them."""

    roots: ClassVar[tuple[str, ...]] = ("record",)


class UpdatedSession(Struct, frozen=True):
    """The response of `/update-session`."""

    session: Session


UPDATE_SESSION = Endpoint(
    "POST /update-session",
    name="updateSession",
    tag="Sessions",
    summary="Change my session",
    caller=Caller.SESSION,
    body=UpdateSessionBody,
    body_examples={"An additional field": {"theme": "dark"}},
    responses={"Changed": UpdatedSession(ADAS_SESSION)},
    refuses=(FieldNotAllowed, NoFieldsToUpdate, FailedToUpdateSession, FailedToGetSession),
)


class UpdateSessionRoutes:
    """HTTP for `Sessions.change`."""

    def __init__(self, guard: Guard, sessions: Sessions) -> None:
        self._guard = guard
        self._sessions = sessions

    def list_routes(self) -> list[Route]:
        """The endpoint and its handler."""
        return [UPDATE_SESSION.with_handler(self.update_session, self._guard)]

    async def update_session(
        self, request: SignedInRequest[UpdateSessionBody]
    ) -> JsonResponse[UpdatedSession]:
        """Change additional fields of my session. The session cookie is sent again."""
        values = request.read_fields(self._sessions.additional_names)
        session = await self._sessions.change(request.caller, values, request.now)
        if session is None:
            raise FailedToGetSession(self._guard.expire_cookies(request.headers))
        user, headers = request.caller.user, request.headers
        issued = await self._guard.reissue_cookies(session, user, headers, request.now)
        return JsonResponse(UpdatedSession(session), issued)
