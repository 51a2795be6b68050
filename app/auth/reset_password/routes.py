"""/request-password-reset, /reset-password/{token} and /reset-password."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...mail.links import Links
from ...models.telemetry.log_context import note_refusal
from ...web.endpoint import ApiRequest, Endpoint, Route
from ...web.http.location import resolve_url
from ...web.http.response import JsonResponse, Redirect
from ...web.input.validation import WireBody, WireQuery
from ..errors import (
    HashingOverloaded,
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
    """The body of `/request-password-reset`."""

    email: Email
    redirect_to: (
        Annotated[
            str,
            Meta(description="Where the new password is chosen: a path, or a trusted URL."),
        ]
        | UnsetType
    ) = field(default=UNSET, name="redirectTo")


class ResetLinkQuery(WireQuery, frozen=True):
    """The query of a mailed reset link."""

    callback_url: Annotated[
        str, Meta(description="Where the new password is chosen.", examples=["/reset-password"])
    ] = field(name="callbackURL")


class ResetBody(WireBody, frozen=True):
    """The body of `/reset-password`."""

    new_password: Annotated[str, Meta(examples=["correct horse battery"])]
    token: Annotated[str, Meta(examples=[_ANY_TOKEN])] | UnsetType = UNSET


class ResetQuery(WireQuery, frozen=True):
    """The query of `/reset-password`."""

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

REQUEST_PASSWORD_RESET = Endpoint(
    "POST /request-password-reset",
    name="requestPasswordReset",
    tag="Users",
    summary="Ask for a new password",
    body=ResetRequestBody,
    body_examples={"Ada": {"email": "ada@example.com", "redirectTo": "/reset-password"}},
    refuses_foreign_logins=True,
    responses={"Asked": REQUESTED},
    refuses=(ResetPasswordDisabled,),
)
OPEN_RESET_LINK = Endpoint(
    "GET /reset-password/{token}",
    name="openResetLink",
    tag="Users",
    summary="Open a mailed link",
    parameter="The token of the mailed link.",
    query=ResetLinkQuery,
    checks_callback_url=True,
    redirects=True,
)
RESET_PASSWORD = Endpoint(
    "POST /reset-password",
    name="resetPassword",
    tag="Users",
    summary="Choose a new password",
    body=ResetBody,
    body_examples={"New password": {"newPassword": "correct horse battery", "token": _ANY_TOKEN}},
    query=ResetQuery,
    responses={"Set": Reset(status=True)},
    refuses=(
        PasswordTooShort,
        PasswordTooLong,
        InvalidResetToken,
        UserNotFound,
        HashingOverloaded,
    ),
)


class ResetRoutes:
    """HTTP for `ResetRequests` and `PasswordReset`."""

    def __init__(self, requests: ResetRequests, reset: PasswordReset, links: Links) -> None:
        self._requests = requests
        self._reset = reset
        self._base = links.base

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            REQUEST_PASSWORD_RESET.with_handler(self.request_password_reset),
            OPEN_RESET_LINK.with_handler(self.open_reset_link),
            RESET_PASSWORD.with_handler(self.reset_password),
        ]

    async def request_password_reset(
        self, request: ApiRequest[ResetRequestBody]
    ) -> JsonResponse[ResetRequested]:
        """Mail a link to choose a new password with; the answer is the same for any address."""
        redirect_to = request.body.redirect_to
        url = None if redirect_to is UNSET else redirect_to
        await self._requests.ask(request.body.email, url, request.now)
        return JsonResponse(REQUESTED)

    async def open_reset_link(self, request: ApiRequest[None, None, ResetLinkQuery]) -> Redirect:
        """Where the mailed link leads: on to the page that asks for the new password.

        Its query then holds `token`, or `error=INVALID_TOKEN`.
        """
        url, token = request.query.callback_url, request.get_parameter()
        if not url:
            note_refusal(_INVALID)
            return Redirect(resolve_url(f"{self._base}/error", self._base, "error", _INVALID))
        good = await self._reset.is_valid(token, request.now)
        if not good:
            note_refusal(_INVALID)
        parameter = ("token", token) if good else ("error", _INVALID)
        return Redirect(resolve_url(url, self._base, *parameter))

    async def reset_password(
        self, request: ApiRequest[ResetBody, None, ResetQuery]
    ) -> JsonResponse[Reset]:
        """Set a new password with the token of a mailed link, which is then used up."""
        body, token = request.body, request.body.token or request.query.token or ""
        await self._reset.choose(token, body.new_password, request.client.ip, request.now)
        return JsonResponse(Reset(status=True))
