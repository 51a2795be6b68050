"""/sign-in/magic-link and /magic-link/verify."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...auth.email_verification.address_sign_in import AddressSession
from ...auth.errors import BannedUser, TwoFactorRequired, UserDisabled
from ...auth.sessions.guard import Guard
from ...auth.users.emails import Email
from ...models.errors import InvalidCallbackUrl
from ...models.records import ADA, ADAS_SESSION, Session, User
from ...models.telemetry.log_context import note_refusal
from ...web.endpoint import COOKIES, ApiRequest, Endpoint, Route
from ...web.http.location import make_absolute, resolve_url
from ...web.http.response import JsonResponse, Redirect, Response
from ...web.input.validation import WireBody, WireQuery
from ...web.origins.callback_url import check_callback_url
from ...web.rate_rule import Rule
from .links import MagicLinks, Targets, UselessLink

TAG = "Magic link"
Url = Annotated[str, Meta(description="A path, or a URL of a trusted origin.")]


class MagicLinkBody(WireBody, frozen=True):
    """The body of `/sign-in/magic-link`. `metadata` is accepted and not used."""

    email: Email
    name: Annotated[str, Meta(description="The name of a new user.")] | UnsetType = UNSET
    callback_url: Url | UnsetType = field(default=UNSET, name="callbackURL")
    new_user_callback_url: Url | UnsetType = field(default=UNSET, name="newUserCallbackURL")
    error_callback_url: Url | UnsetType = field(default=UNSET, name="errorCallbackURL")
    metadata: dict[str, Any] | UnsetType = UNSET


class MagicLinkQuery(WireQuery, frozen=True):
    """The query of a mailed link."""

    token: Annotated[str, Meta(description="The token of the mailed link.")]
    callback_url: Url | UnsetType = field(default=UNSET, name="callbackURL")
    error_callback_url: Url | UnsetType = field(default=UNSET, name="errorCallbackURL")
    new_user_callback_url: Url | UnsetType = field(default=UNSET, name="newUserCallbackURL")


class MagicLinkSent(Struct, frozen=True):
    """The same for every address."""

    status: Literal[True]


class MagicLinkSession(Struct, frozen=True):
    """The response without a `callbackURL`."""

    token: str
    user: User
    session: Session


SIGN_IN_MAGIC_LINK = Endpoint(
    "POST /sign-in/magic-link",
    name="signInWithMagicLink",
    tag=TAG,
    summary="Mail a link that signs in",
    body=MagicLinkBody,
    body_examples={"Ada": {"email": ADA.email, "callbackURL": "/dashboard"}},
    refuses_foreign_logins=True,
    responses={"Sent": MagicLinkSent(status=True)},
)
MAGIC_LINK_VERIFY = Endpoint(
    "GET /magic-link/verify",
    name="verifyMagicLink",
    tag=TAG,
    summary="Open a mailed link",
    query=MagicLinkQuery,
    checks_callback_url=True,
    redirects=True,
    responses={"Signed in": MagicLinkSession(ADAS_SESSION.token, ADA, ADAS_SESSION)},
    headers=COOKIES,
    refuses=(InvalidCallbackUrl, BannedUser, TwoFactorRequired, UserDisabled),
)


class MagicLinkRoutes:
    """HTTP for `MagicLinks`."""

    def __init__(self, links: MagicLinks, guard: Guard, base: str, rule: Rule) -> None:
        self._links = links
        self._guard = guard
        self._base = base
        self._rule = rule

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            replace(SIGN_IN_MAGIC_LINK, rate_rule=self._rule).with_handler(self.send),
            replace(MAGIC_LINK_VERIFY, rate_rule=self._rule).with_handler(self.open),
        ]

    async def send(self, request: ApiRequest[MagicLinkBody]) -> JsonResponse[MagicLinkSent]:
        """Mail a link; the answer is the same for any address.

        Who opens it is signed in, as a new user if nobody has the address.
        """
        body = request.body
        targets = Targets(body.callback_url, body.new_user_callback_url, body.error_callback_url)
        await self._links.send(body.email, body.name, targets, request.now)
        return JsonResponse(MagicLinkSent(status=True))

    async def open(
        self, request: ApiRequest[None, None, MagicLinkQuery]
    ) -> Response[MagicLinkSession]:
        """What a mailed link opens: a session begins, and the browser goes to the `callbackURL`.

        The address counts as verified. Of an account whose address nobody had verified, passwords,
        linked accounts and sessions from before end. A link works once; its error is in the query
        of the `errorCallbackURL`.
        """
        query, context = request.query, request.context
        for url in (query.new_user_callback_url, query.error_callback_url):
            check_callback_url(url or "", context.trusted, context.checks)
        try:
            entered = await self._links.open(query.token, context, request.now)
        except UselessLink as useless:
            return self._redirect_refused(useless, query)
        headers = await self._guard.give(entered.session, entered.user, request)
        if not query.callback_url:
            view = MagicLinkSession(entered.session.token, entered.user, entered.session)
            return JsonResponse(view, headers)
        return Redirect(self._choose_target(entered, query), headers)

    def _choose_target(self, entered: AddressSession, query: MagicLinkQuery) -> str:
        target = make_absolute(query.callback_url or "/", self._base)
        if entered.is_new and query.new_user_callback_url:
            return make_absolute(query.new_user_callback_url, self._base)
        return target

    def _redirect_refused(self, useless: UselessLink, query: MagicLinkQuery) -> Redirect:
        note_refusal(useless.error)
        target = query.error_callback_url or query.callback_url or "/"
        url = resolve_url(target, self._base, "error", useless.error)
        if useless.description:
            url = resolve_url(url, self._base, "error_description", useless.description)
        return Redirect(url)
