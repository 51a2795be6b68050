"""/change-email."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...web.endpoint import Caller, Endpoint, Route
from ...web.http.response import JsonResponse
from ...web.input.validation import WireBody
from ..errors import ChangeEmailDisabled, EmailIsTheSame, NoWayToChangeEmail
from ..sessions.guard import Guard, SignedInRequest
from ..users.emails import Email
from .change_email import EmailChange


class ChangeBody(WireBody, frozen=True):
    """The body of `/change-email`."""

    new_email: Email
    callback_url: (
        Annotated[str, Meta(description="The page after the verification.")] | UnsetType
    ) = field(default=UNSET, name="callbackURL")


class Requested(Struct, frozen=True):
    """The same whether the new address is free or not."""

    status: Literal[True]


CHANGE_EMAIL = Endpoint(
    "POST /change-email",
    name="changeEmail",
    tag="Users",
    summary="Change my address",
    caller=Caller.STORED,
    body=ChangeBody,
    body_examples={"Another": {"newEmail": "ada@example.org", "callbackURL": "/settings"}},
    responses={"Asked, or changed": Requested(status=True)},
    refuses=(ChangeEmailDisabled, EmailIsTheSame, NoWayToChangeEmail),
)


class EmailChangeRoutes:
    """HTTP for `EmailChange`."""

    def __init__(self, guard: Guard, change: EmailChange) -> None:
        self._guard = guard
        self._change = change

    def list_routes(self) -> list[Route]:
        """The endpoint and its handler."""
        return [CHANGE_EMAIL.with_handler(self.change_email, self._guard)]

    async def change_email(self, request: SignedInRequest[ChangeBody]) -> JsonResponse[Requested]:
        """Ask for another address. It is the caller's as soon as a mailed link has verified it.

        By the settings an address that was never verified changes at once, and a verified one only
        after a mail to it has been answered, too.
        """
        caller, body, now = request.caller, request.body, request.now
        url = body.callback_url or ""
        user = await self._change.request(caller.user, body.new_email, url, now)
        if user is None:
            return JsonResponse(Requested(status=True))
        issued = await self._guard.reissue_cookies(caller.session, user, request.headers, now)
        return JsonResponse(Requested(status=True), issued)
