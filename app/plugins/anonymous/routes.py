"""/sign-in/anonymous and /delete-anonymous-user."""

from typing import Final, Literal

from msgspec import Struct

from ...auth.sessions.guard import Guard, SignedInRequest
from ...models.records import ADA, ADAS_SESSION, User
from ...web.endpoint import COOKIES, ApiRequest, Caller, Endpoint, Route
from ...web.http.response import JsonResponse
from .anonymous_users import AnonymousUsers
from .errors import (
    AlreadyAnonymous,
    DeletionOfAnonymousDisabled,
    FailedToCreateAnonymousUser,
    FailedToDeleteAnonymousUser,
    UserIsNotAnonymous,
)

TAG: Final = "Anonymous"


class AnonymousSignIn(Struct, frozen=True):
    """The response of an anonymous sign-in."""

    token: str
    user: User


class AnonymousDeleted(Struct, frozen=True):
    """The response of a deletion."""

    success: Literal[True]


SIGN_IN_ANONYMOUS = Endpoint(
    "POST /sign-in/anonymous",
    name="signInAnonymous",
    tag=TAG,
    summary="Sign in without an account",
    caller=Caller.HANDLER,
    responses={"Signed in": AnonymousSignIn(ADAS_SESSION.token, ADA)},
    headers=COOKIES,
    refuses=(AlreadyAnonymous, FailedToCreateAnonymousUser),
)
DELETE_ANONYMOUS_USER = Endpoint(
    "POST /delete-anonymous-user",
    name="deleteAnonymousUser",
    tag=TAG,
    summary="Delete the anonymous user",
    caller=Caller.STORED,
    responses={"Deleted": AnonymousDeleted(success=True)},
    headers=COOKIES,
    refuses=(DeletionOfAnonymousDisabled, UserIsNotAnonymous, FailedToDeleteAnonymousUser),
)


class AnonymousRoutes:
    """HTTP for `AnonymousUsers`."""

    def __init__(self, users: AnonymousUsers, guard: Guard) -> None:
        self._users = users
        self._guard = guard

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            SIGN_IN_ANONYMOUS.with_handler(self.sign_in),
            DELETE_ANONYMOUS_USER.with_handler(self.delete, self._guard),
        ]

    async def sign_in(self, request: ApiRequest) -> JsonResponse[AnonymousSignIn]:
        """Make a user without an account, and start a session: the answer sets the cookie.

        After a sign-in or sign-up as another user the anonymous one is deleted.
        """
        caller = await self._guard.find_session(request.headers, request.now, refresh=False)
        request.caller_headers = caller.headers
        before = None if caller.active is None else caller.active.user
        user, session = await self._users.sign_in(before, request.context, request.now)
        headers = await self._guard.give(session, user, request)
        return JsonResponse(AnonymousSignIn(session.token, user), headers)

    async def delete(self, request: SignedInRequest) -> JsonResponse[AnonymousDeleted]:
        """Delete the caller, who must be anonymous, with all sessions."""
        await self._users.delete(request.caller.user)
        request.caller_headers = ()
        expired = self._guard.expire_cookies(request.headers)
        return JsonResponse(AnonymousDeleted(success=True), expired)
