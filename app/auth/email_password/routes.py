"""/sign-up/email and /sign-in/email."""

from functools import partial
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...models.records import ADA, ADAS_SESSION, User
from ...web.endpoint import COOKIES, ApiRequest, Endpoint, Route
from ...web.http.response import JsonResponse
from ...web.input.validation import WireBody
from ..email_verification.mail import VerificationMail
from ..errors import (
    BannedUser,
    EmailNotVerified,
    EmailPasswordDisabled,
    EmailPasswordSignUpDisabled,
    FailedToCreateUser,
    HashingOverloaded,
    InvalidEmail,
    InvalidEmailOrPassword,
    PasswordTooLong,
    PasswordTooShort,
    TwoFactorRequired,
    UserAlreadyExists,
    UserDisabled,
)
from ..sessions.guard import Guard
from ..users.emails import Email
from .sign_in import SignIn
from .sign_in_responses import SignedInView, SignInResponses
from .sign_up import NewUser, SignUp

_NOT_EMPTY = "Too small: expected string to have >=1 characters"
Password = Annotated[
    str, Meta(min_length=1, extra={"refusal": _NOT_EMPTY}, examples=["correct horse battery"])
]
CallbackUrl = Annotated[
    str, Meta(description="Where to go next: a path, or a URL of a trusted origin.")
]


class SignUpBody(WireBody, frozen=True):
    """The body of `/sign-up/email`. It may also contain additional fields."""

    roots: ClassVar[tuple[str, ...]] = ("object", "record")

    name: Annotated[str, Meta(examples=["Ada"])]
    email: Email
    password: Password
    image: str | UnsetType = UNSET
    callback_url: CallbackUrl | UnsetType = field(default=UNSET, name="callbackURL")
    remember_me: bool | UnsetType = UNSET


class SignInBody(WireBody, frozen=True):
    """The body of `/sign-in/email`."""

    email: Annotated[str, Meta(examples=["ada@example.com"])]
    password: Annotated[str, Meta(examples=["correct horse battery"])]
    callback_url: CallbackUrl | UnsetType = field(default=UNSET, name="callbackURL")
    remember_me: bool | UnsetType = UNSET


class SignedUpView(Struct, frozen=True):
    """The response of a sign-up. `token` is null without a session."""

    token: str | None
    user: User


_ADA = {"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"}

SIGN_UP_EMAIL = Endpoint(
    "POST /sign-up/email",
    name="signUpWithEmailAndPassword",
    tag="Users",
    summary="Sign up",
    body=SignUpBody,
    body_examples={"Ada": _ADA},
    accepts_form=True,
    refuses_foreign_logins=True,
    responses={
        "Signed up and in": SignedUpView(ADAS_SESSION.token, ADA),
        "Signed up, but not in": SignedUpView(None, ADA),
    },
    headers=COOKIES,
    refuses=(
        PasswordTooShort,
        PasswordTooLong,
        EmailPasswordSignUpDisabled,
        UserAlreadyExists,
        FailedToCreateUser,
        HashingOverloaded,
    ),
)
SIGN_IN_EMAIL = Endpoint(
    "POST /sign-in/email",
    name="signInEmail",
    tag="Users",
    summary="Sign in",
    body=SignInBody,
    body_examples={"Ada": {key: _ADA[key] for key in ("email", "password")}},
    accepts_form=True,
    refuses_foreign_logins=True,
    responses={"Signed in": SignedInView(redirect=False, token=ADAS_SESSION.token, user=ADA)},
    headers={**COOKIES, "Location": "The `callbackURL`, if one was sent."},
    refuses=(
        InvalidEmail,
        PasswordTooLong,
        EmailPasswordDisabled,
        InvalidEmailOrPassword,
        EmailNotVerified,
        BannedUser,
        TwoFactorRequired,
        UserDisabled,
        HashingOverloaded,
    ),
)


class UserRoutes:
    """HTTP for `SignUp` and `SignIn`."""

    def __init__(
        self,
        sign_up: SignUp,
        sign_in: SignIn,
        responses: SignInResponses,
        guard: Guard,
        mail: VerificationMail,
    ) -> None:
        self._sign_up = sign_up
        self._sign_in = sign_in
        self._responses = responses
        self._guard = guard
        self._mail = mail

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            SIGN_UP_EMAIL.with_handler(self.sign_up_email),
            SIGN_IN_EMAIL.with_handler(self.sign_in_email),
        ]

    async def sign_up_email(self, request: ApiRequest[SignUpBody]) -> JsonResponse[SignedUpView]:
        """Make a user and sign them in: the answer sets the session cookie.

        `token` is the session token; it also works as `Authorization: Bearer` on these routes.
        """
        body, now = request.body, request.now
        image = None if body.image is UNSET else body.image
        additional = request.read_fields(self._sign_up.additional_names)
        new = NewUser(body.name, body.email, body.password, image, additional)
        remember = body.remember_me is not False
        welcome = partial(self._mail.on_sign_up, callback_url=body.callback_url or "", now=now)
        done = await self._sign_up.with_email(
            new, request.context, now, remember=remember, welcome=welcome
        )
        if done.session is None:
            return JsonResponse(SignedUpView(None, done.user))
        response_headers = await self._guard.give(
            done.session, done.user, request, remember=remember
        )
        return JsonResponse(SignedUpView(done.session.token, done.user), response_headers)

    async def sign_in_email(self, request: ApiRequest[SignInBody]) -> JsonResponse[SignedInView]:
        """Start a session for a user who knows their password: the answer sets the session cookie.

        With `rememberMe: false` the cookie ends with the browser and the session after a day.
        """
        body = request.body
        login = self._sign_in.make_login(body.email, body.password)
        remember = body.remember_me is not False
        return await self._responses.respond(
            login, request, remember=remember, url=body.callback_url
        )
