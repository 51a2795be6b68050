"""/change-password and /verify-password."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from ...models.clock import now as clock
from ...models.errors import HashingOverloaded, InvalidBody, Unauthorized
from ...models.records import ADA, ADAS_SESSION, User
from ...web.http.response import Answer, AnyRequest
from ...web.input.query import DisableRefresh, is_on
from ...web.input.strict_dto import StrictBody
from ...web.input.validation import WireBody
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import SET_AUTH_TOKEN, SET_COOKIE, documented
from ...web.openapi.schemas import ON_POST, SIGNED_IN, refusals
from ...web.route_group import RouteGroup
from ..errors import (
    CredentialAccountNotFound,
    InvalidPassword,
    PasswordTooLong,
    PasswordTooShort,
)
from ..sessions.guard import Guard
from .change_password import Change, OwnPassword


class ChangePasswordBody(WireBody, frozen=True):
    new_password: Annotated[str, Meta(examples=["a better horse battery"])]
    current_password: Annotated[str, Meta(examples=["correct horse battery"])]
    revoke_other_sessions: (
        Annotated[bool, Meta(description="End every session, and start this one anew.")] | UnsetType
    ) = UNSET


class VerifyPasswordBody(WireBody, frozen=True):
    password: Annotated[str, Meta(examples=["correct horse battery"])]


class ChangedView(Struct, frozen=True):
    """`token` is that of the new session; null where the old one goes on."""

    token: str | None
    user: User


class Verified(Struct, frozen=True):
    status: Literal[True]


# What the guard owes the caller goes with these, too.
_ANSWERED = (PasswordTooShort, PasswordTooLong, CredentialAccountNotFound, InvalidPassword)
VERIFIED = Verified(status=True)


class PasswordRoutes(RouteGroup):
    """HTTP for `OwnPassword`."""

    def __init__(self, guard: Guard, password: OwnPassword) -> None:
        self._guard = guard
        self._password = password

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [_change_password()(self.change_password), _verify_password()(self.verify_password)]

    async def change_password(
        self,
        request: AnyRequest,
        data: JSONBody[ChangePasswordBody],
        disable_refresh: DisableRefresh = None,
    ) -> Answer[ChangedView]:
        """Change the caller's password; the current one must be given.

        With `revokeOtherSessions` all sessions end and the answer sets the cookie of a new one.
        """
        now, known = clock(), admitted(request.scope)
        refresh = not is_on(disable_refresh)
        live, lines = await self._guard.sensitive(known.headers, now, refresh=refresh)
        revoke = data.revoke_other_sessions is True
        change = Change(data.new_password, data.current_password, revoke=revoke)
        try:
            session = await self._password.change(live.user, change, known.client, now)
        except _ANSWERED as refusal:
            raise type(refusal)(lines) from None
        if session is None:
            return Answer(ChangedView(None, live.user), lines)
        issued = self._guard.reissued(session, live.user, known.headers, now)
        return Answer(ChangedView(session.token, live.user), [*lines, *issued])

    async def verify_password(
        self,
        request: AnyRequest,
        data: JSONBody[VerifyPasswordBody],
        disable_refresh: DisableRefresh = None,
    ) -> Answer[Verified]:
        """Say whether this is the caller's password; a wrong one is a refusal."""
        known, now, refresh = admitted(request.scope), clock(), not is_on(disable_refresh)
        live, lines = await self._guard.sensitive(known.headers, now, refresh=refresh)
        try:
            await self._password.verify(live.user, data.password, known.client)
        except _ANSWERED as refusal:
            raise type(refusal)(lines) from None
        return Answer(VERIFIED, lines)


_COOKIES = {"Set-Cookie": SET_COOKIE, "set-auth-token": SET_AUTH_TOKEN}
_CHANGE = {"newPassword": "a better horse battery", "currentPassword": "correct horse battery"}

_change_password = partial(
    post,
    "/change-password",
    operation_class=documented(
        sends={"A new one": _CHANGE},
        answers={
            "Changed": ChangedView(None, ADA),
            "Changed, and the sessions ended": ChangedView(ADAS_SESSION.token, ADA),
        },
        headers=_COOKIES,
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="changePassword",
    tags=["Users"],
    security=SIGNED_IN,
    summary="Change my password",
    responses=refusals(
        InvalidBody,
        PasswordTooShort,
        PasswordTooLong,
        CredentialAccountNotFound,
        InvalidPassword,
        Unauthorized,
        HashingOverloaded,
        *ON_POST,
    ),
)
_verify_password = partial(
    post,
    "/verify-password",
    operation_class=documented(
        sends={"Mine": {"password": "correct horse battery"}},
        answers={"It is": VERIFIED},
        headers=_COOKIES,
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="verifyPassword",
    tags=["Users"],
    security=SIGNED_IN,
    summary="Check my password",
    responses=refusals(
        InvalidBody, PasswordTooLong, InvalidPassword, Unauthorized, HashingOverloaded, *ON_POST
    ),
)
