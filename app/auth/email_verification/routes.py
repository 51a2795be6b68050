"""/send-verification-email and /verify-email."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...models.clock import now as clock
from ...models.errors import (
    CrossSiteNavigationLoginBlocked,
    InvalidBody,
    InvalidCallbackUrl,
    Refusal,
)
from ...models.records import ADA, User
from ...web.http.location import with_parameter
from ...web.http.log_context import note_refusal
from ...web.http.response import Answer, AnyRequest, Redirect
from ...web.input.query import DisableCookieCache, DisableRefresh, is_on
from ...web.input.strict_dto import StrictBody
from ...web.input.validation import WireBody, WireQuery
from ...web.input.wire_query import read_query
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import SET_AUTH_TOKEN, SET_COOKIE, documented
from ...web.openapi.schemas import ALWAYS, MAYBE_SIGNED_IN, ON_POST, REDIRECT, refusals
from ...web.origins.callback_url import check_callback_url
from ...web.origins.csrf import refuse_login_csrf
from ...web.origins.trusted_origins import TrustedOrigins
from ...web.route_group import RouteGroup
from ..errors import (
    AddressTaken,
    EmailAlreadyVerified,
    EmailMismatch,
    InvalidLink,
    InvalidUser,
    LinkExpired,
    LinkRefusal,
    LinkUserNotFound,
    VerificationEmailNotEnabled,
)
from ..sessions.guard import Guard
from ..users.emails import Email
from .open_link import MailedLinks, Visit
from .requests import VerificationRequests

CallbackUrl = Annotated[
    str, Meta(description="Where the link leads to: a path, or a URL of a trusted origin.")
]


class SendBody(WireBody, frozen=True):
    email: Email
    callback_url: CallbackUrl | UnsetType = field(default=UNSET, name="callbackURL")


class LinkQuery(WireQuery, frozen=True):
    token: Annotated[str, Meta(description="The token of the mailed link.")]
    callback_url: CallbackUrl | UnsetType = field(default=UNSET, name="callbackURL")


class Sent(Struct, frozen=True):
    """The same whether a mail was sent or not."""

    status: Literal[True]


class Verified(Struct, frozen=True):
    """`user` is null where an address was verified, and the user where it was changed."""

    status: Literal[True]
    user: User | UnsetType | None = UNSET


class VerificationRoutes(RouteGroup):
    """HTTP for `VerificationRequests` and `MailedLinks`."""

    def __init__(
        self,
        requests: VerificationRequests,
        links: MailedLinks,
        guard: Guard,
        trusted: TrustedOrigins,
    ) -> None:
        self._requests = requests
        self._links = links
        self._guard = guard
        self._trusted = trusted

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [_send()(self.send_verification_email), _verify()(self.verify_email)]

    async def send_verification_email(
        self,
        request: AnyRequest,
        data: JSONBody[SendBody],
        disable_refresh: DisableRefresh = None,
        disable_cookie_cache: DisableCookieCache = None,
    ) -> Answer[Sent]:
        """Mail a link that proves the address, if somebody has it and has not proven it.

        Who is signed in can only ask for their own. To others the answer, and its time, are always
        the same.
        """
        known, now = admitted(request.scope), clock()
        headers = known.headers
        refuse_login_csrf(headers, self._trusted, known.checks)
        self._requests.refuse_disabled()
        refresh, cache = not is_on(disable_refresh), not is_on(disable_cookie_cache)
        caller = await self._guard.anyone(headers, now, refresh=refresh, cache=cache)
        url = data.callback_url or ""
        user = None if caller.live is None else caller.live.user
        try:
            await self._requests.send(data.email, user, url, now)
        except Refusal as refusal:
            raise refusal.after(caller.lines) from None
        return Answer(Sent(status=True), caller.lines)

    async def verify_email(self, request: AnyRequest) -> Answer[Verified]:
        """What a mailed link opens: the address is verified, or changed to the one it proves.

        With a `callbackURL` the browser is sent there, also when the link is of no use.
        """
        query = read_query(request.scope, LinkQuery)
        url = query.callback_url or ""
        check_callback_url(url, self._trusted, admitted(request.scope).checks)
        known = admitted(request.scope)
        try:
            opened = await self._links.open(
                query.token, Visit(known.client, known.headers, url, clock())
            )
        except LinkRefusal as refusal:
            if not url:
                raise
            note_refusal(refusal.code)
            return Redirect(with_parameter(url, "error", refusal.code), refusal.headers)
        if url:
            return Redirect(url, opened.lines)
        return Answer(Verified(status=True, user=opened.user), opened.lines)


_COOKIES = {"Set-Cookie": SET_COOKIE, "set-auth-token": SET_AUTH_TOKEN}

_send = partial(
    post,
    "/send-verification-email",
    operation_class=documented(
        sends={"Ada": {"email": ADA.email, "callbackURL": "/welcome"}},
        answers={"Sent, or not": Sent(status=True)},
        headers=_COOKIES,
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="sendVerificationEmail",
    tags=["Users"],
    security=MAYBE_SIGNED_IN,
    summary="Mail a verification link",
    responses=refusals(
        InvalidBody,
        VerificationEmailNotEnabled,
        EmailMismatch,
        EmailAlreadyVerified,
        CrossSiteNavigationLoginBlocked,
        *ON_POST,
    ),
)
_verify = partial(
    get,
    "/verify-email",
    operation_class=documented(
        answers={
            "Verified": Verified(status=True, user=None),
            "Changed": Verified(status=True, user=ADA),
            "Asked the new address": Verified(status=True),
        },
        headers=_COOKIES,
        query=LinkQuery,
    ),
    operation_id="verifyEmail",
    tags=["Users"],
    security=MAYBE_SIGNED_IN,
    summary="Open a mailed link",
    responses={
        **REDIRECT,
        **refusals(
            InvalidBody,
            LinkExpired,
            InvalidLink,
            LinkUserNotFound,
            InvalidUser,
            InvalidCallbackUrl,
            AddressTaken,
            *ALWAYS,
        ),
    },
)
