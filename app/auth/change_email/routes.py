"""/change-email."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...models.clock import now as clock
from ...models.errors import InvalidBody, Refusal, Unauthorized
from ...web.http.response import Answer, AnyRequest
from ...web.input.query import DisableRefresh, is_on
from ...web.input.strict_dto import StrictBody
from ...web.input.validation import WireBody
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import SET_AUTH_TOKEN, SET_COOKIE, documented
from ...web.openapi.schemas import ON_POST, SIGNED_IN, refusals
from ...web.route_group import RouteGroup
from ..errors import ChangeEmailDisabled, EmailIsTheSame, NoWayToChangeEmail
from ..sessions.guard import Guard
from ..users.emails import Email
from .change_email import EmailChange


class ChangeBody(WireBody, frozen=True):
    new_email: Email
    callback_url: (
        Annotated[str, Meta(description="Where the mailed link leads to.")] | UnsetType
    ) = field(default=UNSET, name="callbackURL")


class Requested(Struct, frozen=True):
    """The same whether the new address is free or not."""

    status: Literal[True]


class EmailChangeRoutes(RouteGroup):
    """HTTP for `EmailChange`."""

    def __init__(self, guard: Guard, change: EmailChange) -> None:
        self._guard = guard
        self._change = change

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [_change_email()(self.change_email)]

    async def change_email(
        self,
        request: AnyRequest,
        data: JSONBody[ChangeBody],
        disable_refresh: DisableRefresh = None,
    ) -> Answer[Requested]:
        """Ask for another address; it is the caller's once a mailed link has proven it.

        By the settings an address that was never verified changes at once, and a verified one only
        after a mail to it has been answered, too.
        """
        headers, now = admitted(request.scope).headers, clock()
        refresh = not is_on(disable_refresh)
        live, lines = await self._guard.sensitive(headers, now, refresh=refresh)
        url = data.callback_url or ""
        try:
            user = await self._change.request(live.user, data.new_email, url, now)
        except Refusal as refusal:
            raise refusal.after(lines) from None
        if user is not None:
            lines = [*lines, *self._guard.reissued(live.session, user, headers, now)]
        return Answer(Requested(status=True), lines)


_change_email = partial(
    post,
    "/change-email",
    operation_class=documented(
        sends={"Another": {"newEmail": "ada@example.org", "callbackURL": "/settings"}},
        answers={"Asked, or changed": Requested(status=True)},
        headers={"Set-Cookie": SET_COOKIE, "set-auth-token": SET_AUTH_TOKEN},
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="changeEmail",
    tags=["Users"],
    security=SIGNED_IN,
    summary="Change one's address",
    responses=refusals(
        InvalidBody,
        ChangeEmailDisabled,
        EmailIsTheSame,
        NoWayToChangeEmail,
        Unauthorized,
        *ON_POST,
    ),
)
