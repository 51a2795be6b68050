"""Sign in with email and password."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct
from sqlalchemy.exc import DBAPIError

from ...models.clock import now as clock
from ...models.errors import Refusal
from ...models.records import Session, User
from ...models.telemetry.log_context import note_user
from ...models.telemetry.log_events import log_event
from ...settings.options import EmailAndPasswordOptions
from ...storage.database import Database
from ...storage.unreachable import get_driver_message
from ...web.http.asgi import Header
from ...web.request_context import RequestContext
from ..audit.sign_ins import SignInMethod, make_sign_in, report_refusal
from ..errors import (
    EmailNotVerified,
    EmailPasswordDisabled,
    InvalidEmail,
    InvalidEmailOrPassword,
)
from ..hooks import Challenge, PasswordSignIn
from ..passwords.current_password import CurrentPassword
from ..passwords.length import refuse_long
from ..passwords.password_accounts import KnownUser, PasswordAccount
from ..sessions.sessions import Sessions
from ..users.emails import is_email

_log = logging.getLogger("better_auth.sign_in")


class Login(Struct, frozen=True):
    """The credentials of a sign-in. `account`: the name that the login throttle counts by.

    `find` finds the user. `wrong` is the refusal if there is none, or if the password is wrong.
    `method` names the way of signing in, for the audit.
    """

    account: str
    password: str
    find: Callable[[], Awaitable[KnownUser | None]]
    wrong: type[Refusal] = InvalidEmailOrPassword
    method: SignInMethod = "password"

    def __repr__(self) -> str:
        return "Login(…)"  # never the password


class SignedIn(Struct, frozen=True):
    """A user with a new session. `headers` come from second factors that were passed."""

    user: User
    session: Session
    headers: Sequence[Header] = ()


class SignIn:
    """All failures cost one hash and return the same error; details follow a correct password."""

    def __init__(
        self,
        options: EmailAndPasswordOptions,
        database: Database,
        current_password: CurrentPassword,
        sessions: Sessions,
    ) -> None:
        self._options = options
        self._database = database
        self._password_accounts = current_password.accounts
        self._passwords = current_password.passwords
        self._throttle = current_password.throttle
        self._sessions = sessions
        self._audit = sessions.audit
        self._second_factors = sessions.hooks.second_factors
        self._challenge_found = sessions.hooks.challenge_found
        self._challenged = sessions.hooks.challenged

    def make_login(self, email: str, password: str) -> Login:
        """Raises EmailPasswordDisabled, InvalidEmail, PasswordTooLong."""
        if not self._options.enabled:
            raise EmailPasswordDisabled
        if not is_email(email):
            raise InvalidEmail
        refuse_long(password, self._options)
        address = email.lower()
        return Login(address, password, partial(self._password_accounts.find_by_email, address))

    async def with_password(
        self,
        login: Login,
        request: RequestContext,
        now: datetime,
        *,
        remember: bool,
        remind: Callable[[User, str], None],
    ) -> SignedIn | Challenge:
        """Does what `_start_session` does; a refusal becomes an audit event."""
        with report_refusal(self._audit, login.method):
            return await self._start_session(login, request, now, remember=remember, remind=remind)

    async def _start_session(
        self,
        login: Login,
        request: RequestContext,
        now: datetime,
        *,
        remember: bool,
        remind: Callable[[User, str], None],
    ) -> SignedIn | Challenge:
        """Checks the password and starts a session. No connection is held during the hash.

        A challenge of a second factor comes in place of the session. `remind` is called with a
        user whose address is not verified, and the matching hash.

        Raises the login's `wrong`, EmailNotVerified, HashingOverloaded, TooManyRequests, and what
        refuses a session, such as BannedUser.
        """
        async with self._throttle.attempt(login.account, request.client.ip, login.find):
            known, account = await self._check(login)
        user = known.user
        if self._options.require_email_verification and not user.email_verified:
            remind(user, account.hashed or "")
            raise EmailNotVerified
        # The time when the password was verified: ending all sessions while it
        # was checked ends none that began afterwards.
        began = clock()
        # Who gets no session is asked for nothing more.
        allowed = await self._sessions.run_hooks(user, began)
        if self._second_factors:
            # A challenge is tied to the hash, so that a better one comes before it.
            account = await self._upgrade(login.password, account, now)
        attempt = PasswordSignIn(user, account.hashed or "", request, remember, now)
        passed = await self._ask(attempt)
        if isinstance(passed, Challenge):
            if await self._password_accounts.find_by_user_id(user.id) != account:
                raise login.wrong  # the password was changed meanwhile
            for hook in self._challenge_found:
                await hook(attempt)
            return await self._add_headers(passed, attempt)
        starting = self._sessions.start_allowed(
            user, request.client, began, remember=remember, values=allowed
        )
        async with starting as session:
            await self._database.write(
                [
                    self._password_accounts.check_unchanged(account, login.wrong),
                    *self._sessions.list_steps(session, user),
                    *self._audit.list_rows(make_sign_in(session, login.method)),
                ]
            )
        if not self._second_factors:
            await self._upgrade(login.password, account, now)
        return SignedIn(user, session, passed)

    async def _ask(self, attempt: PasswordSignIn) -> Challenge | Sequence[Header]:
        """Returns the first challenge, or the headers of all factors that were passed."""
        headers: list[Header] = []
        for ask in self._second_factors:
            found = await ask(attempt)
            if isinstance(found, Challenge):
                return found
            headers += found.headers
        return headers

    async def _add_headers(self, challenge: Challenge, attempt: PasswordSignIn) -> Challenge:
        more = [header for hook in self._challenged for header in await hook(attempt)]
        return Challenge(challenge.body, [*challenge.headers, *more])

    async def _check(self, login: Login) -> tuple[KnownUser, PasswordAccount]:
        known = await login.find()
        if known is not None:
            note_user(known.user.id)
        account = None if known is None else known.account
        hashed = None if account is None else account.hashed
        matches = await self._passwords.verify(login.password, hashed)
        if not matches or known is None or account is None:
            raise login.wrong
        return known, account

    async def _upgrade(
        self, password: str, seen: PasswordAccount, now: datetime
    ) -> PasswordAccount:
        """Stores a better hash unless the password changed. A failure refuses nothing.

        Returns the account with the hash that is stored now.
        """
        try:
            better = await self._passwords.upgrade(password, seen.hashed or "")
            if better is None:
                return seen
            async with self._database.begin() as tx:
                if await self._password_accounts.replace_hash(tx, seen, better, now):
                    return PasswordAccount(seen.account_id, better)
        except (Refusal, DBAPIError) as error:
            reason = get_driver_message(error)  # its first line; further down are the row's values
            log_event(_log, "password hash not upgraded", logging.WARNING, reason=reason)
        return seen
