"""/sign-in/username and /is-username-available."""

from functools import partial
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...auth.email_password.sign_in import Login
from ...auth.email_password.sign_in_responses import SignedInView
from ...auth.errors import (
    BannedUser,
    EmailNotVerified,
    HashingOverloaded,
    PasswordTooLong,
    TwoFactorRequired,
    UserDisabled,
)
from ...auth.passwords.length import refuse_long
from ...auth.passwords.password_accounts import KnownUser
from ...models.records import ADA, ADAS_SESSION
from ...web.endpoint import COOKIES, ApiRequest, Endpoint, Route
from ...web.http.response import JsonResponse
from ...web.input.validation import WireBody
from ..plugin import Services
from .errors import (
    TO_FIND,
    InvalidUsernameOrPassword,
    InvalidUsernameToFind,
    UsernameTooLongToFind,
    UsernameTooShortToFind,
)
from .rules import UsernameRules
from .usernames import Usernames, get_username, make_login_name

TAG = "Usernames"
_FAULTS = (UsernameTooShortToFind, UsernameTooLongToFind, InvalidUsernameToFind)
_NAME = Meta(examples=["ada"])


class SignInUsernameBody(WireBody, frozen=True):
    """The body of `/sign-in/username`."""

    username: Annotated[str, _NAME]
    password: Annotated[str, Meta(examples=["correct horse battery"])]
    remember_me: bool | UnsetType = UNSET
    callback_url: (
        Annotated[str, Meta(description="Where to go next: a path, or a URL of a trusted origin.")]
        | UnsetType
    ) = field(default=UNSET, name="callbackURL")


class AvailabilityBody(WireBody, frozen=True):
    """The body of `/is-username-available`."""

    username: Annotated[str, _NAME]


class Availability(Struct, frozen=True):
    """Whether nobody has the username."""

    available: bool


SIGN_IN_USERNAME = Endpoint(
    "POST /sign-in/username",
    name="signInUsername",
    tag=TAG,
    summary="Sign in with a username",
    body=SignInUsernameBody,
    body_examples={"Ada": {"username": "ada", "password": "correct horse battery"}},
    responses={"Signed in": SignedInView(redirect=False, token=ADAS_SESSION.token, user=ADA)},
    headers={**COOKIES, "Location": "The `callbackURL`, if one was sent."},
    refuses=(
        InvalidUsernameOrPassword,
        *_FAULTS,
        PasswordTooLong,
        EmailNotVerified,
        BannedUser,
        TwoFactorRequired,
        UserDisabled,
        HashingOverloaded,
    ),
)
IS_USERNAME_AVAILABLE = Endpoint(
    "POST /is-username-available",
    name="isUsernameAvailable",
    tag=TAG,
    summary="Ask if a username is free",
    body=AvailabilityBody,
    body_examples={"Ada": {"username": "ada"}},
    responses={"Free": Availability(available=True), "Taken": Availability(available=False)},
    refuses=_FAULTS,
)


class UsernameRoutes:
    """HTTP for usernames."""

    def __init__(
        self, services: Services, usernames: Usernames, rules: UsernameRules, column: str
    ) -> None:
        self._services = services
        self._usernames = usernames
        self._rules = rules
        self._column = column

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            SIGN_IN_USERNAME.with_handler(self.sign_in_username),
            IS_USERNAME_AVAILABLE.with_handler(self.is_username_available),
        ]

    async def sign_in_username(
        self, request: ApiRequest[SignInUsernameBody]
    ) -> JsonResponse[SignedInView]:
        """Start a session for a user who knows their password: the answer sets the session cookie.

        With `rememberMe: false` the cookie ends with the browser and the session after a day.
        """
        body = request.body
        login = self._make_login(body.username, body.password)
        remember = body.remember_me is not False
        return await self._services.sign_in_responses.respond(
            login, request, remember=remember, url=body.callback_url
        )

    async def is_username_available(
        self, request: ApiRequest[AvailabilityBody]
    ) -> JsonResponse[Availability]:
        """Whether a user could take this username now. Anyone may ask."""
        username = request.body.username
        if not username:
            raise InvalidUsernameToFind
        self._refuse_faulty(username)
        owner = await self._usernames.find_owner(self._rules.normalize(username))
        return JsonResponse(Availability(available=owner is None))

    def _make_login(self, username: str, password: str) -> Login:
        if not username or not password:
            raise InvalidUsernameOrPassword
        self._refuse_faulty(username)
        refuse_long(password, self._services.settings.email_and_password)
        stored = self._rules.normalize(username)
        find = partial(self._find, stored)
        wrong = InvalidUsernameOrPassword
        return Login(make_login_name(stored), password, find, wrong, "username")

    async def _find(self, username: str) -> KnownUser | None:
        """Returns the user. A column may compare in another way, and find another username."""
        known = await self._services.password_accounts.find_by(self._column, username)
        if known is None or (get_username(known.user) or "").lower() != username.lower():
            return None
        return known

    def _refuse_faulty(self, username: str) -> None:
        fault = self._rules.find_fault(username)
        if fault is not None:
            raise TO_FIND[fault]
