"""/sign-up/email and /sign-in/email."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, ClassVar

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...models.clock import now as clock
from ...models.errors import (
    BannedUser,
    CrossSiteNavigationLoginBlocked,
    HashingOverloaded,
    InvalidBody,
    TwoFactorRequired,
)
from ...models.records import ADA, ADAS_SESSION, User
from ...web.http.location import location
from ...web.http.response import Answer, AnyRequest
from ...web.input.strict_dto import StrictBody
from ...web.input.validation import WireBody
from ...web.middleware.request_context import admitted
from ...web.openapi.operations import SET_AUTH_TOKEN, SET_COOKIE, documented, header
from ...web.openapi.schemas import ON_POST, refusals
from ...web.origins.csrf import refuse_login_csrf
from ...web.origins.trusted_origins import TrustedOrigins
from ...web.route_group import RouteGroup
from ..email_verification.mail import VerificationMail
from ..errors import (
    EmailNotVerified,
    EmailPasswordDisabled,
    EmailPasswordSignUpDisabled,
    FailedToCreateUser,
    InvalidEmail,
    InvalidEmailOrPassword,
    PasswordTooLong,
    PasswordTooShort,
    UserAlreadyExists,
)
from ..sessions.cookies import SessionCookies
from ..users.emails import Email
from .sign_in import Given, SignIn
from .sign_up import NewUser, SignUp

_NOT_EMPTY = "Too small: expected string to have >=1 characters"
Password = Annotated[
    str, Meta(min_length=1, extra={"refusal": _NOT_EMPTY}, examples=["correct horse battery"])
]
CallbackUrl = Annotated[
    str, Meta(description="Where to go next: a path, or a URL of a trusted origin.")
]


class SignUpBody(WireBody, frozen=True):
    roots: ClassVar[tuple[str, ...]] = ("object", "record")

    name: Annotated[str, Meta(examples=["Ada"])]
    email: Email
    password: Password
    image: str | UnsetType = UNSET
    callback_url: CallbackUrl | UnsetType = field(default=UNSET, name="callbackURL")
    remember_me: bool | UnsetType = UNSET


class SignInBody(WireBody, frozen=True):
    email: Annotated[str, Meta(examples=["ada@example.com"])]
    password: Annotated[str, Meta(examples=["correct horse battery"])]
    callback_url: CallbackUrl | UnsetType = field(default=UNSET, name="callbackURL")
    remember_me: bool | UnsetType = UNSET


class SignedUpView(Struct, frozen=True):
    """`token` is null where no session was made."""

    token: str | None
    user: User


class SignedInView(Struct, frozen=True, kw_only=True):
    """`url` is the callbackURL that was sent, and `redirect` asks the client to go there."""

    redirect: bool
    token: str
    url: str | UnsetType = UNSET
    user: User


class UserRoutes(RouteGroup):
    """HTTP for `SignUp` and `SignIn`."""

    def __init__(
        self,
        sign_up: SignUp,
        sign_in: SignIn,
        cookies: SessionCookies,
        trusted: TrustedOrigins,
        mail: VerificationMail,
    ) -> None:
        self._sign_up = sign_up
        self._sign_in = sign_in
        self._cookies = cookies
        self._trusted = trusted
        self._mail = mail

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [_sign_up_email()(self.sign_up_email), _sign_in_email()(self.sign_in_email)]

    async def sign_up_email(
        self, request: AnyRequest, data: JSONBody[SignUpBody]
    ) -> Answer[SignedUpView]:
        """Make a user and sign them in: the answer sets the session cookie.

        `token` is the session token; it also works as `Authorization: Bearer` on these routes.
        """
        known, now = admitted(request.scope), clock()
        refuse_login_csrf(known.headers, self._trusted, known.checks)
        image = None if data.image is UNSET else data.image
        additional = known.document.fields(self._sign_up.additional_names)
        new = NewUser(data.name, data.email, data.password, image, additional)
        remember = data.remember_me is not False
        welcome = partial(self._mail.on_sign_up, callback_url=data.callback_url or "", now=now)
        done = await self._sign_up.with_email(
            new, known.client, now, remember=remember, welcome=welcome
        )
        if done.session is None:
            return Answer(SignedUpView(None, done.user))
        lines = self._cookies.issue(
            done.session,
            done.user,
            remember=remember,
            now=now,
            brought=self._cookies.brought(known.headers),
        )
        return Answer(SignedUpView(done.session.token, done.user), lines)

    async def sign_in_email(
        self, request: AnyRequest, data: JSONBody[SignInBody]
    ) -> Answer[SignedInView]:
        """Start a session for a user who knows their password: the answer sets the session cookie.

        With `rememberMe: false` the cookie ends with the browser and the session after a day.
        """
        known, now = admitted(request.scope), clock()
        refuse_login_csrf(known.headers, self._trusted, known.checks)
        remember = data.remember_me is not False
        url = data.callback_url
        given = Given(data.email, data.password)
        remind = partial(self._mail.on_sign_in, callback_url=url or "", now=now)
        done = await self._sign_in.with_password(
            given, known.client, now, remember=remember, remind=remind
        )
        lines = self._cookies.issue(
            done.session,
            done.user,
            remember=remember,
            now=now,
            brought=self._cookies.brought(known.headers),
        )
        view = SignedInView(redirect=bool(url), token=done.session.token, url=url, user=done.user)
        return Answer(view, [*([location(url)] if url else []), *lines])


_COOKIES = {"Set-Cookie": SET_COOKIE, "set-auth-token": SET_AUTH_TOKEN}
_ADA = {"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"}

_sign_up_email = partial(
    post,
    "/sign-up/email",
    operation_class=documented(
        sends={"Ada": _ADA},
        answers={
            "Signed up and in": SignedUpView(ADAS_SESSION.token, ADA),
            "Signed up, but not in": SignedUpView(None, ADA),
        },
        headers=_COOKIES,
        form=SignUpBody,
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="signUpWithEmailAndPassword",
    tags=["Users"],
    summary="Sign up",
    responses=refusals(
        InvalidBody,
        PasswordTooShort,
        PasswordTooLong,
        EmailPasswordSignUpDisabled,
        CrossSiteNavigationLoginBlocked,
        UserAlreadyExists,
        FailedToCreateUser,
        HashingOverloaded,
        *ON_POST,
    ),
)
_sign_in_email = partial(
    post,
    "/sign-in/email",
    operation_class=documented(
        sends={"Ada": {key: _ADA[key] for key in ("email", "password")}},
        answers={"Signed in": SignedInView(redirect=False, token=ADAS_SESSION.token, user=ADA)},
        headers={**_COOKIES, "Location": header("The `callbackURL`, if one was sent.")},
        form=SignInBody,
    ),
    status_code=200,
    dto=StrictBody,
    return_dto=None,
    operation_id="signInEmail",
    tags=["Users"],
    summary="Sign in",
    responses=refusals(
        InvalidBody,
        InvalidEmail,
        PasswordTooLong,
        EmailPasswordDisabled,
        InvalidEmailOrPassword,
        EmailNotVerified,
        BannedUser,
        TwoFactorRequired,
        CrossSiteNavigationLoginBlocked,
        HashingOverloaded,
        *ON_POST,
    ),
)
