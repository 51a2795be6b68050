"""/request-password-reset, /reset-password/{token} and /reset-password."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, PathParameter
from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...mail.links import Links
from ...models.clock import now as clock
from ...models.errors import (
    CrossSiteNavigationLoginBlocked,
    HashingOverloaded,
    InvalidBody,
    InvalidCallbackUrl,
)
from ...web.http.location import resolved
from ...web.http.log_context import note_refusal
from ...web.http.response import Answer, AnyRequest, Redirect
from ...web.input.strict_dto import StrictBody
from ...web.input.validation import WireBody, WireQuery
from ...web.input.wire_query import read_query
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import documented
from ...web.openapi.schemas import ALWAYS, ON_POST, REDIRECT, refusals
from ...web.origins.callback_url import check_callback_url
from ...web.origins.csrf import refuse_login_csrf
from ...web.origins.trusted_origins import TrustedOrigins
from ...web.route_group import RouteGroup
from ..errors import (
    InvalidResetToken,
    PasswordTooLong,
    PasswordTooShort,
    ResetPasswordDisabled,
    UserNotFound,
)
from ..users.emails import Email
from .requests import ResetRequests
from .reset_password import PasswordReset

_ANY_TOKEN = "q6Gz2mVd0TnYb1Rk7XcW9sLf"  # noqa: S105 - of nobody
_INVALID = "INVALID_TOKEN"


class ResetRequestBody(WireBody, frozen=True):
    email: Email
    redirect_to: (
        Annotated[
            str,
            Meta(description="Where the new password is chosen: a path, or a trusted URL."),
        ]
        | UnsetType
    ) = field(default=UNSET, name="redirectTo")


class ResetLinkQuery(WireQuery, frozen=True):
    callback_url: Annotated[
        str, Meta(description="Where the new password is chosen.", examples=["/reset-password"])
    ] = field(name="callbackURL")


class ResetBody(WireBody, frozen=True):
    new_password: Annotated[str, Meta(examples=["correct horse battery"])]
    token: Annotated[str, Meta(examples=[_ANY_TOKEN])] | UnsetType = UNSET


class ResetQuery(WireQuery, frozen=True):
    token: Annotated[str, Meta(description="Instead of the one in the body.")] | UnsetType = UNSET


class ResetRequested(Struct, frozen=True):
    status: Literal[True]
    message: Literal["If this email exists in our system, check your email for the reset link"]


class Reset(Struct, frozen=True):
    status: Literal[True]


REQUESTED = ResetRequested(
    status=True,
    message="If this email exists in our system, check your email for the reset link",
)


class ResetRoutes(RouteGroup):
    """HTTP for `ResetRequests` and `PasswordReset`."""

    def __init__(
        self,
        requests: ResetRequests,
        reset: PasswordReset,
        links: Links,
        trusted: TrustedOrigins,
    ) -> None:
        self._requests = requests
        self._reset = reset
        self._base = links.base
        self._trusted = trusted

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [
            _request_password_reset()(self.request_password_reset),
            _open_reset_link()(self.open_reset_link),
            _reset_password()(self.reset_password),
        ]

    async def request_password_reset(
        self, request: AnyRequest, data: JSONBody[ResetRequestBody]
    ) -> Answer[ResetRequested]:
        """Mail a link to choose a new password with; the answer is the same for any address."""
        known = admitted(request.scope)
        refuse_login_csrf(known.headers, self._trusted, known.checks)
        redirect_to = None if data.redirect_to is UNSET else data.redirect_to
        await self._requests.ask(data.email, redirect_to, clock())
        return Answer(REQUESTED)

    async def open_reset_link(
        self,
        request: AnyRequest,
        token: Annotated[str, PathParameter(description="As it was mailed.")],
    ) -> Redirect[None]:
        """Where the mailed link leads: on to the page that asks for the new password.

        Its query then holds `token`, or `error=INVALID_TOKEN`.
        """
        query = read_query(request.scope, ResetLinkQuery)
        checks = admitted(request.scope).checks
        check_callback_url(query.callback_url, self._trusted, checks)
        if not query.callback_url:
            note_refusal(_INVALID)
            return Redirect(resolved(f"{self._base}/error", self._base, "error", _INVALID))
        good = await self._reset.is_good(token, clock())
        if not good:
            note_refusal(_INVALID)
        told = ("token", token) if good else ("error", _INVALID)
        return Redirect(resolved(query.callback_url, self._base, *told))

    async def reset_password(self, request: AnyRequest, data: JSONBody[ResetBody]) -> Answer[Reset]:
        """Set a new password with the token of a mailed link, which is then used up."""
        query = read_query(request.scope, ResetQuery)
        token = data.token or query.token or ""
        ip = admitted(request.scope).client.ip
        await self._reset.choose(token, data.new_password, ip, clock())
        return Answer(Reset(status=True))


_request_password_reset = partial(
    post,
    "/request-password-reset",
    operation_class=documented(
        sends={"Ada": {"email": "ada@example.com", "redirectTo": "/reset-password"}},
        answers={"Asked": REQUESTED},
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="requestPasswordReset",
    tags=["Users"],
    summary="Ask for a new password",
    responses=refusals(
        InvalidBody, ResetPasswordDisabled, CrossSiteNavigationLoginBlocked, *ON_POST
    ),
)
_open_reset_link = partial(
    get,
    "/reset-password/{token:str}",
    operation_class=documented(answers={}, query=ResetLinkQuery),
    status_code=302,
    operation_id="openResetLink",
    tags=["Users"],
    summary="Open a mailed link",
    responses={**REDIRECT, **refusals(InvalidBody, InvalidCallbackUrl, *ALWAYS)},
)
_reset_password = partial(
    post,
    "/reset-password",
    operation_class=documented(
        sends={"New password": {"newPassword": "correct horse battery", "token": _ANY_TOKEN}},
        answers={"Set": Reset(status=True)},
        query=ResetQuery,
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="resetPassword",
    tags=["Users"],
    summary="Choose a new password",
    responses=refusals(
        InvalidBody,
        PasswordTooShort,
        PasswordTooLong,
        InvalidResetToken,
        UserNotFound,
        HashingOverloaded,
        *ON_POST,
    ),
)
