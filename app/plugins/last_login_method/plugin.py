"""Remembers how somebody signed in last, in a cookie that the page can read.

Source: the `last-login-method` plugin of Better Auth 1.7.25.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Final

from msgspec import Struct, field, structs
from sqlalchemy.exc import DBAPIError

from ...auth.hooks import Hooks, IssuedSession, PasswordSignIn, PendingUser, Values
from ...auth.sessions.cookies import Cookie
from ...models.additional_fields import AdditionalField
from ...models.errors import Refusal
from ...models.records import User
from ...models.telemetry.log_events import log_event
from ...settings.cookie_definitions import CookieDefinition, list_cookies, resolve_cookie
from ...settings.cookie_validation import is_cookie_name
from ...settings.option_types import Range
from ...settings.settings import Settings
from ...storage.unreachable import get_driver_message
from ...web.http.asgi import Header
from ..plugin import BuiltPlugin, Plugin, Services

_log = logging.getLogger("better_auth.last_login_method")

_COLUMN: Final = "lastLoginMethod"
_COOKIE_NAME: Final = "BETTER_AUTH_LAST_LOGIN_METHOD_COOKIE_NAME"
_METHODS: Final = {
    "/sign-in/email": "email",
    "/sign-up/email": "email",
    "/magic-link/verify": "magic-link",
    "/sign-in/email-otp": "email-otp",
}


class UserSchemaOptions(Struct, frozen=True, kw_only=True):
    """The names of columns of `user`."""

    last_login_method: str = _COLUMN


class SchemaOptions(Struct, frozen=True, kw_only=True):
    """The names of columns."""

    user: UserSchemaOptions = field(default_factory=UserSchemaOptions)


class LastLoginMethodOptions(Struct, frozen=True, kw_only=True):
    """`max_age` is the age of the cookie in seconds."""

    cookie_name: str = "better-auth.last_used_login_method"
    max_age: Annotated[int, Range(1)] = 30 * 24 * 3600
    store_in_database: bool = False
    schema: SchemaOptions = field(default_factory=SchemaOptions)


class LastLoginMethod:
    """Gives the cookie, and keeps the method in the user if the options say so."""

    def __init__(self, services: Services, options: LastLoginMethodOptions) -> None:
        token = resolve_cookie(services.settings, "session_token")
        attributes = structs.replace(token.attributes, max_age=options.max_age, http_only=False)
        self._cookie = Cookie(CookieDefinition(options.cookie_name, attributes))
        self._services = services
        self._stores = options.store_in_database

    async def note_new_user(self, pending: PendingUser) -> Values:
        """Returns the method with which a user signs up, for the column."""
        method = None if pending.request is None else _METHODS.get(pending.request.path)
        return {} if method is None else {_COLUMN: method}

    async def note_session(self, issued: IssuedSession) -> Sequence[Header]:
        """Returns the cookie, if the session is new."""
        return await self._note(issued.user, issued.path, issued.now)

    async def note_challenge(self, attempt: PasswordSignIn) -> Sequence[Header]:
        """Returns the cookie for a right password: the session of a second factor names none."""
        return await self._note(attempt.user, attempt.request.path, attempt.now)

    async def _note(self, user: User, path: str | None, now: datetime) -> Sequence[Header]:
        method = None if path is None else _METHODS.get(path)
        if method is None:
            return ()
        if self._stores:
            await self._store(user, method, now)
        return [self._cookie.make_header(method, self._cookie.max_age)]

    async def _store(self, user: User, method: str, now: datetime) -> None:
        """A failure does not refuse the session, which exists already."""
        try:
            await self._services.users.change(user, {_COLUMN: method}, now)
        except (Refusal, DBAPIError) as error:
            reason = get_driver_message(error)
            log_event(_log, "last login method not stored", logging.WARNING, reason=reason)


class LastLoginMethodPlugin(Plugin[LastLoginMethodOptions]):
    """The `last-login-method` plugin."""

    id = "last-login-method"
    options = LastLoginMethodOptions

    def list_user_fields(self, options: LastLoginMethodOptions) -> tuple[AdditionalField, ...]:
        """Returns the column of the method, if it is stored."""
        if not options.store_in_database:
            return ()
        column = AdditionalField(
            name=_COLUMN,
            type="string",
            required=False,
            input=False,
            field_name=options.schema.user.last_login_method,
        )
        return (column,)

    def find_faults(self, settings: Settings) -> Iterator[str]:
        """Checks the name of the cookie: no sign-in must replace its session cookie."""
        name = self.get_options(settings).cookie_name
        if not is_cookie_name(name):
            yield f"{_COOKIE_NAME} must be letters, digits, - and _, not {name!r}"
        elif name in (resolve_cookie(settings, key).name for key in list_cookies(settings)):
            yield f"{_COOKIE_NAME}: {name!r} is the name of another cookie"

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the hooks."""
        options = self.get_options(services.settings)
        own = LastLoginMethod(services, options)
        hooks = Hooks(
            before_user_created=[own.note_new_user] if options.store_in_database else [],
            session_issued=[own.note_session],
            challenged=[own.note_challenge],
        )
        return BuiltPlugin(hooks=hooks)


PLUGIN: Final = LastLoginMethodPlugin()
