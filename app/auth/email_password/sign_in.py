"""Sign in with email and password."""

import logging
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from sqlalchemy.exc import DBAPIError

from ...models.clock import now as clock
from ...models.errors import Refusal
from ...models.log_events import log_event
from ...models.records import Session, User
from ...settings.options import EmailAndPassword
from ...storage.database import Database
from ...storage.unreachable import get_driver_message
from ...web.http.client import Client
from ...web.http.log_context import note_user
from ..errors import (
    EmailNotVerified,
    EmailPasswordDisabled,
    InvalidEmail,
    InvalidEmailOrPassword,
)
from ..passwords.checks import Checks
from ..passwords.credentials import Credential, Credentials, Known, holds, replace_hash
from ..passwords.length import refuse_long
from ..sessions.sessions import Sessions
from ..users.emails import is_email

_log = logging.getLogger("app.sign_in")


class Given(Struct, frozen=True):
    """The credentials of a sign-in."""

    email: str
    password: str

    def __repr__(self) -> str:
        return "Given(…)"  # never the password


class SignedIn(Struct, frozen=True):
    user: User
    session: Session


class SignIn:
    """Signs users in. All failures cost one hash and return the same error.

    Only a correct password gets a more exact error.
    """

    def __init__(
        self,
        policy: EmailAndPassword,
        database: Database,
        credentials: Credentials,
        checks: Checks,
        sessions: Sessions,
    ) -> None:
        self._policy = policy
        self._database = database
        self._credentials = credentials
        self._passwords = checks.passwords
        self._attempts = checks.attempts
        self._sessions = sessions

    async def with_password(
        self,
        given: Given,
        client: Client,
        now: datetime,
        *,
        remember: bool,
        remind: Callable[[User, str], None],
    ) -> SignedIn:
        """Checks the password and starts a session. No connection is held during the hash.

        `remind` is called with a user whose address is not verified, and the matching hash.

        Raises EmailPasswordDisabled, InvalidEmail, PasswordTooLong, InvalidEmailOrPassword,
        EmailNotVerified, BannedUser, TwoFactorRequired, HashingOverloaded, TooManyRequests.
        """
        self._refuse_unfit(given)
        async with self._attempts.allowed(given.email.lower(), client.ip):
            known, credential = await self._proven(given)
        if self._policy.require_email_verification and not known.user.email_verified:
            remind(known.user, credential.hashed or "")
            raise EmailNotVerified
        if known.restriction is not None:
            raise known.restriction
        # Of the moment at which the password was known to be right: ending all sessions while it
        # was checked ends none that began afterwards.
        starting = self._sessions.starting(known.user, client, clock(), remember=remember)
        async with starting as session, self._database.begin() as tx:
            if not await holds(tx, credential):
                raise InvalidEmailOrPassword
            await self._sessions.store.add(session, known.user, tx)
        await self._upgrade(given.password, credential, now)
        return SignedIn(known.user, session)

    def _refuse_unfit(self, given: Given) -> None:
        if not self._policy.enabled:
            raise EmailPasswordDisabled
        if not is_email(given.email):
            raise InvalidEmail
        refuse_long(given.password, self._policy)

    async def _proven(self, given: Given) -> tuple[Known, Credential]:
        known = await self._credentials.of_email(given.email.lower())
        if known is not None:
            note_user(known.user.id)
        credential = None if known is None else known.credential
        hashed = None if credential is None else credential.hashed
        matches = await self._passwords.matches(given.password, hashed)
        if not matches or known is None or credential is None:
            raise InvalidEmailOrPassword
        return known, credential

    async def _upgrade(self, password: str, seen: Credential, now: datetime) -> None:
        """Stores a better hash unless the password changed. A failure refuses nothing."""
        try:
            better = await self._passwords.upgraded(password, seen.hashed or "")
            if better is None:
                return
            async with self._database.begin() as tx:
                await replace_hash(tx, seen, better, now)
        except (Refusal, DBAPIError) as error:
            reason = get_driver_message(error)  # its first line; further down are the row's values
            log_event(_log, "password hash not upgraded", logging.WARNING, reason=reason)
