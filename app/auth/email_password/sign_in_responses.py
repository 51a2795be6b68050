"""The response of every endpoint that signs in with a password."""

from functools import partial
from typing import cast

from msgspec import UNSET, Struct, UnsetType

from ...models.records import User
from ...web.endpoint import AnyApiRequest
from ...web.http.location import make_location
from ...web.http.response import JsonResponse
from ..email_verification.mail import VerificationMail
from ..hooks import Challenge
from ..sessions.guard import Guard
from .sign_in import Login, SignIn


class SignedInView(Struct, frozen=True, kw_only=True):
    """The response of a sign-in. `url`: the callbackURL; `redirect`: the client opens it."""

    redirect: bool
    token: str
    url: str | UnsetType = UNSET
    user: User


class SignInResponses:
    """Signs in and writes the response: the session and its cookies, or a challenge."""

    def __init__(self, sign_in: SignIn, guard: Guard, mail: VerificationMail) -> None:
        self._sign_in = sign_in
        self._guard = guard
        self._mail = mail

    async def respond(
        self, login: Login, request: AnyApiRequest, *, remember: bool, url: str | UnsetType
    ) -> JsonResponse[SignedInView]:
        """Raises what `SignIn.with_password` raises. `url` is the callbackURL."""
        now = request.now
        remind = partial(self._mail.on_sign_in, callback_url=url or "", now=now)
        done = await self._sign_in.with_password(
            login, request.context, now, remember=remember, remind=remind
        )
        if isinstance(done, Challenge):
            return JsonResponse(cast("SignedInView", done.body), done.headers)
        response_headers = await self._guard.give(
            done.session, done.user, request, remember=remember, more=done.headers
        )
        view = SignedInView(redirect=bool(url), token=done.session.token, url=url, user=done.user)
        return JsonResponse(view, [*([make_location(url)] if url else []), *response_headers])
