"""/send-verification-email and /verify-email."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...models.errors import Refusal
from ...models.records import ADA, User
from ...models.telemetry.log_context import note_refusal
from ...web.endpoint import COOKIES, ApiRequest, Caller, Endpoint, Route
from ...web.http.location import with_parameter
from ...web.http.response import JsonResponse, Redirect, Response
from ...web.input.validation import WireBody, WireQuery
from ..errors import (
    AddressTaken,
    EmailAlreadyVerified,
    EmailMismatch,
    InvalidLink,
    InvalidUser,
    LinkExpired,
    LinkUserNotFound,
    VerificationEmailNotEnabled,
)
from ..sessions.guard import Guard
from ..sessions.store import ActiveSession
from ..users.emails import Email
from .open_link import LinkRequest, MailedLinks
from .requests import VerificationRequests

_SERVER_FAULT: Final = 500  # from this status on the link may be tried again, as it is

CallbackUrl = Annotated[
    str, Meta(description="Where the link leads to: a path, or a URL of a trusted origin.")
]


class SendBody(WireBody, frozen=True):
    """The body of `/send-verification-email`."""

    email: Email
    callback_url: CallbackUrl | UnsetType = field(default=UNSET, name="callbackURL")


class LinkQuery(WireQuery, frozen=True):
    """The query of a mailed verification link."""

    token: Annotated[str, Meta(description="The token of the mailed link.")]
    callback_url: CallbackUrl | UnsetType = field(default=UNSET, name="callbackURL")


class Sent(Struct, frozen=True):
    """The same whether a mail was sent or not."""

    status: Literal[True]


class AddressVerified(Struct, frozen=True):
    """The response. `user` is null after a verification, the user after a change."""

    status: Literal[True]
    user: User | UnsetType | None = UNSET


SEND_VERIFICATION_EMAIL = Endpoint(
    "POST /send-verification-email",
    name="sendVerificationEmail",
    tag="Users",
    summary="Mail a verification link",
    caller=Caller.OPTIONAL,
    body=SendBody,
    body_examples={"Ada": {"email": ADA.email, "callbackURL": "/welcome"}},
    refuses_foreign_logins=True,
    responses={"Sent, or not": Sent(status=True)},
    refuses=(VerificationEmailNotEnabled, EmailMismatch, EmailAlreadyVerified),
)
VERIFY_EMAIL = Endpoint(
    "GET /verify-email",
    name="verifyEmail",
    tag="Users",
    summary="Open a mailed link",
    caller=Caller.HANDLER,
    query=LinkQuery,
    checks_callback_url=True,
    redirects=True,
    responses={
        "Verified": AddressVerified(status=True, user=None),
        "Changed": AddressVerified(status=True, user=ADA),
        "Asked the new address": AddressVerified(status=True),
    },
    headers=COOKIES,
    refuses=(LinkExpired, InvalidLink, LinkUserNotFound, InvalidUser, AddressTaken),
)


class VerificationRoutes:
    """HTTP for `VerificationRequests` and `MailedLinks`."""

    def __init__(self, requests: VerificationRequests, links: MailedLinks, guard: Guard) -> None:
        self._requests = requests
        self._links = links
        self._guard = guard

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        send = SEND_VERIFICATION_EMAIL.with_handler(
            self.send_verification_email, self._guard, before=self._requests.refuse_disabled
        )
        return [send, VERIFY_EMAIL.with_handler(self.verify_email)]

    async def send_verification_email(
        self, request: ApiRequest[SendBody, ActiveSession | None]
    ) -> JsonResponse[Sent]:
        """Mail a link that verifies the address, if it is the address of a user and not verified.

        Who is signed in can only ask for their own. To others the answer, and its time, are always
        the same.
        """
        user = None if request.caller is None else request.caller.user
        url = request.body.callback_url or ""
        await self._requests.send(request.body.email, user, url, request.now)
        return JsonResponse(Sent(status=True))

    async def verify_email(
        self, request: ApiRequest[None, None, LinkQuery]
    ) -> Response[AddressVerified]:
        """What a mailed link opens: the address is verified, or changed to the one it proves.

        With a `callbackURL` the browser is sent there, also when the link is of no use.
        """
        url = request.query.callback_url or ""
        path = request.context.path
        opening = LinkRequest(request.client, request.headers, url, request.now, path)
        try:
            opened = await self._links.open(request.query.token, opening)
        except Refusal as refusal:
            if not url or refusal.code is None or refusal.status >= _SERVER_FAULT:
                raise
            note_refusal(refusal.code)
            return Redirect(with_parameter(url, "error", refusal.code), refusal.headers)
        if url:
            return Redirect(url, opened.headers)
        return JsonResponse(AddressVerified(status=True, user=opened.user), opened.headers)
