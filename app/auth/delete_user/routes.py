"""/delete-user and /delete-user/callback."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...models.clock import now as clock
from ...models.errors import (
    HashingOverloaded,
    InvalidBody,
    InvalidCallbackUrl,
    Refusal,
    Unauthorized,
)
from ...web.http.headers import Headers
from ...web.http.response import Answer, AnyRequest, Redirect
from ...web.input.query import DisableRefresh, is_on
from ...web.input.strict_dto import StrictBody
from ...web.input.validation import WireBody, WireQuery
from ...web.input.wire_query import read_query
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import SET_AUTH_TOKEN, SET_COOKIE, documented
from ...web.openapi.schemas import ALWAYS, MAYBE_SIGNED_IN, ON_POST, REDIRECT, SIGNED_IN, refusals
from ...web.origins.callback_url import check_callback_url
from ...web.origins.trusted_origins import TrustedOrigins
from ...web.route_group import RouteGroup
from ..errors import (
    CredentialAccountNotFound,
    DeleteUserDisabled,
    DeletionDisabled,
    FailedToDeleteUser,
    FailedToGetUserInfo,
    InvalidDeletionToken,
    InvalidPassword,
    PasswordTooLong,
    SessionExpired,
)
from ..sessions.guard import Guard, SignedIn
from .delete_user import Deletion, Outcome, Wish

_ANY_TOKEN = "3x1cqldhrgus9k61e2cxc1h6nte0nxev"  # noqa: S105 - of nobody


class DeleteUserBody(WireBody, frozen=True):
    callback_url: (
        Annotated[str, Meta(description="Where the mailed link leads in the end.")] | UnsetType
    ) = field(default=UNSET, name="callbackURL")
    password: Annotated[str, Meta(examples=["correct horse battery"])] | UnsetType = UNSET
    token: Annotated[str, Meta(description="As it was mailed.")] | UnsetType = UNSET


class DeletionLinkQuery(WireQuery, frozen=True):
    token: Annotated[str, Meta(description="As it was mailed.", examples=[_ANY_TOKEN])]
    callback_url: (
        Annotated[str, Meta(description="Where to go next: a path, or a trusted URL.")] | UnsetType
    ) = field(default=UNSET, name="callbackURL")


class Deleted(Struct, frozen=True):
    success: Literal[True]
    message: Literal["User deleted", "Verification email sent"]


DELETED = Deleted(success=True, message="User deleted")
MAILED = Deleted(success=True, message="Verification email sent")


class DeletionRoutes(RouteGroup):
    """HTTP for `Deletion`, which is None where `user.deleteUser` is not enabled."""

    def __init__(self, deletion: Deletion | None, guard: Guard, trusted: TrustedOrigins) -> None:
        self._deletion = deletion
        self._guard = guard
        self._trusted = trusted

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [_delete_user()(self.delete_user), _open_deletion_link()(self.open_deletion_link)]

    async def delete_user(
        self,
        request: AnyRequest,
        data: JSONBody[DeleteUserBody],
        disable_refresh: DisableRefresh = None,
    ) -> Answer[Deleted]:
        """Delete the caller's account, or mail them the link that does.

        Without a mail it takes the password or a session that began lately. The answer takes the
        session cookie back.
        """
        known, now = admitted(request.scope), clock()
        refresh = not is_on(disable_refresh)
        live, lines = await self._guard.sensitive(known.headers, now, refresh=refresh)
        if self._deletion is None:
            raise DeleteUserDisabled(lines)
        wish = Wish(data.password or "", data.token or "", data.callback_url or "")
        try:
            outcome = await self._deletion.ask(live, wish, known.client, now)
        except Refusal as refusal:
            raise refusal.after(lines) from None
        if outcome is Outcome.MAILED:
            return Answer(MAILED, lines)
        return Answer(DELETED, self._guard.cleared(known.headers))

    async def open_deletion_link(self, request: AnyRequest) -> Answer[Deleted]:
        """Where the mailed link leads: deletes the account of the caller, who must be signed in.

        It then goes on to the `callbackURL`, if there is one.
        """
        query = read_query(request.scope, DeletionLinkQuery)
        url = query.callback_url or ""
        check_callback_url(url, self._trusted, admitted(request.scope).checks)
        if self._deletion is None:
            raise DeletionDisabled
        now, headers = clock(), admitted(request.scope).headers
        live, lines = await self._signed_in(headers)
        try:
            await self._deletion.confirm(live, query.token, now)
        except Refusal as refusal:
            raise refusal.after(lines) from None
        gone = self._guard.cleared(headers)
        return Redirect(url, gone) if url else Answer(DELETED, gone)

    async def _signed_in(self, headers: Headers) -> SignedIn:
        """The caller. Raises FailedToGetUserInfo."""
        try:
            return await self._guard.sensitive(headers, clock())
        except Unauthorized as nobody:
            raise FailedToGetUserInfo(nobody.headers) from None


_COOKIES = {"Set-Cookie": SET_COOKIE, "set-auth-token": SET_AUTH_TOKEN}

_delete_user = partial(
    post,
    "/delete-user",
    operation_class=documented(
        sends={"With the password": {"password": "correct horse battery"}},
        answers={"Deleted": DELETED, "A link was mailed": MAILED},
        headers=_COOKIES,
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="deleteUser",
    tags=["Users"],
    security=SIGNED_IN,
    summary="Delete the account",
    responses=refusals(
        InvalidBody,
        Unauthorized,
        DeleteUserDisabled,
        PasswordTooLong,
        CredentialAccountNotFound,
        InvalidPassword,
        InvalidDeletionToken,
        SessionExpired,
        FailedToDeleteUser,
        HashingOverloaded,
        *ON_POST,
    ),
)
_open_deletion_link = partial(
    get,
    "/delete-user/callback",
    operation_class=documented(
        answers={"Deleted": DELETED}, headers=_COOKIES, query=DeletionLinkQuery
    ),
    operation_id="openDeletionLink",
    tags=["Users"],
    security=MAYBE_SIGNED_IN,
    summary="Open a mailed link",
    responses={
        **REDIRECT,
        **refusals(
            InvalidBody,
            InvalidCallbackUrl,
            DeletionDisabled,
            FailedToGetUserInfo,
            InvalidDeletionToken,
            FailedToDeleteUser,
            *ALWAYS,
        ),
    },
)
