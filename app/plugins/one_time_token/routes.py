"""/one-time-token/generate and /one-time-token/verify."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from ...auth.errors import BannedUser, TwoFactorRequired
from ...auth.sessions.guard import SignedInRequest
from ...models.errors import Refusal
from ...models.records import ADA, ADAS_SESSION, Session, User
from ...web.endpoint import COOKIES, ApiRequest, Caller, Endpoint, Route
from ...web.http.response import JsonResponse
from ...web.input.validation import WireBody
from ..plugin import Services
from .tokens import (
    InvalidOneTimeToken,
    OneTimeSessionExpired,
    OneTimeSessionNotFound,
    OneTimeTokenOptions,
    OneTimeTokens,
)

TAG: Final = "One-time tokens"
_TOKEN: Final = "dXpY3c7q9S1vKf0aBnRk2LmQeT4wUzJh"  # noqa: S105 - an example


class ClientRequestsDisabled(Refusal):
    """With `oneTimeToken.disableClientRequest` nobody gets a token here."""

    status, message = 400, "Client requests are disabled"


class OneTimeTokenBody(WireBody, frozen=True):
    """The body of `/one-time-token/verify`."""

    token: Annotated[str, Meta(examples=[_TOKEN])]


class OneTimeToken(Struct, frozen=True):
    """A token that stands for the session of the caller, once."""

    token: str


class TokenSession(Struct, frozen=True):
    """The session of a token, and its user."""

    session: Session
    user: User


GENERATE: Final = Endpoint(
    "GET /one-time-token/generate",
    name="generateOneTimeToken",
    tag=TAG,
    summary="Get a one-time token",
    caller=Caller.SESSION,
    responses={"A token": OneTimeToken(_TOKEN)},
    refuses=(ClientRequestsDisabled,),
)
VERIFY: Final = Endpoint(
    "POST /one-time-token/verify",
    name="verifyOneTimeToken",
    tag=TAG,
    summary="Take over the session of a one-time token",
    body=OneTimeTokenBody,
    body_examples={"A token": {"token": _TOKEN}},
    responses={"Verified": TokenSession(ADAS_SESSION, ADA)},
    headers=COOKIES,
    refuses=(
        InvalidOneTimeToken,
        OneTimeSessionNotFound,
        OneTimeSessionExpired,
        BannedUser,
        TwoFactorRequired,
    ),
)


class OneTimeTokenRoutes:
    """HTTP for `OneTimeTokens`."""

    def __init__(
        self, services: Services, tokens: OneTimeTokens, options: OneTimeTokenOptions
    ) -> None:
        self._guard = services.guard
        self._tokens = tokens
        self._options = options

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            GENERATE.with_handler(self.generate, self._guard),
            VERIFY.with_handler(self.verify),
        ]

    async def generate(self, request: SignedInRequest) -> JsonResponse[OneTimeToken]:
        """A token for the caller's session, for another browser or program of the same user.

        The first one who verifies it has the session. It expires after a few minutes.
        """
        if self._options.disable_client_request:
            raise ClientRequestsDisabled
        token = await self._tokens.generate(request.caller.session, request.now)
        return JsonResponse(OneTimeToken(token))

    async def verify(self, request: ApiRequest[OneTimeTokenBody]) -> JsonResponse[TokenSession]:
        """The session of a token, once: the answer sets its cookie."""
        active = await self._tokens.verify(request.body.token, request.now)
        view = TokenSession(active.session, active.user)
        if self._options.disable_set_session_cookie:
            return JsonResponse(view)
        issued = await self._guard.reissue_cookies(
            active.session, active.user, request.headers, request.now
        )
        return JsonResponse(view, issued)
