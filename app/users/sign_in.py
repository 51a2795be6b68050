"""Sign in with an e-mail address and a password."""

import logging
from datetime import datetime

from msgspec import Struct
from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.clock import to_iso
from app.database import Database
from app.errors import (
    EmailNotVerified,
    EmailPasswordDisabled,
    InvalidEmail,
    InvalidEmailOrPassword,
    Refusal,
)
from app.models import accounts, users
from app.records import Session, User
from app.restrictions import Restrictions
from app.sessions import sessions
from app.sessions.sessions import USER_COLUMNS
from app.settings import Settings
from app.users.emails import is_email
from app.users.password_rules import refuse_long
from app.users.passwords import Passwords
from app.users.sign_up import CREDENTIAL
from app.web.client import Client

_log = logging.getLogger(__name__)


class SignedIn(Struct, frozen=True):
    user: User
    session: Session


class _Known(Struct, frozen=True):
    """A user and the credential that proves them; `hashed` is None where there is none."""

    user: User
    account_id: str | None
    hashed: str | None
    restriction: type[Refusal] | None


class SignIn:
    """Every way to fail takes the same work and says the same, save what a right password earns."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        passwords: Passwords,
        restrictions: Restrictions,
    ) -> None:
        self._policy = settings.email_and_password
        self._session_policy = settings.session
        self._database = database
        self._passwords = passwords
        self._restrictions = restrictions
        self._by_email = (
            select(*USER_COLUMNS, accounts.c.id, accounts.c.password, *restrictions.columns())
            .join_from(users, accounts, _IS_CREDENTIAL, isouter=True)
            .where(users.c.email == bindparam("email"))
            .limit(1)
        )

    async def with_password(
        self, email: str, password: str, client: Client, now: datetime, *, remember: bool
    ) -> SignedIn:
        """Check the password and start a session; no connection is held while the hash runs.

        Raises EmailPasswordDisabled, InvalidEmail, PasswordTooLong, InvalidEmailOrPassword,
        EmailNotVerified, BannedUser, TwoFactorRequired, HashingOverloaded.
        """
        self._refuse_unfit(email, password)
        known = await self._find(email.lower())
        hashed = None if known is None else known.hashed
        if not await self._passwords.matches(password, hashed) or known is None or hashed is None:
            raise InvalidEmailOrPassword
        self._refuse_guarded(known)
        age = sessions.age_of(self._session_policy, remember=remember)
        async with self._database.begin() as tx:
            await _hold_credential(tx, known)
            session = await sessions.start(tx, known.user.id, client, age, now)
        await self._upgrade(password, hashed, known, now)
        return SignedIn(known.user, session)

    def _refuse_unfit(self, email: str, password: str) -> None:
        if not self._policy.enabled:
            raise EmailPasswordDisabled
        if not is_email(email):
            raise InvalidEmail
        refuse_long(password, self._policy)

    async def _find(self, email: str) -> _Known | None:
        row = await self._database.read_one(self._by_email, {"email": email})
        if row is None:
            return None
        width = len(USER_COLUMNS)
        return _Known(
            User(*row[:width]),
            row[width],
            row[width + 1],
            self._restrictions.refusal(row[width + 2 :]),
        )

    def _refuse_guarded(self, known: _Known) -> None:
        if self._policy.require_email_verification and not known.user.email_verified:
            raise EmailNotVerified
        if known.restriction is not None:
            raise known.restriction

    async def _upgrade(self, password: str, seen: str, known: _Known, now: datetime) -> None:
        """Store a better hash unless the password changed meanwhile; to fail is no refusal."""
        try:
            better = await self._passwords.upgraded(password, seen)
            if better is None:
                return
            same = and_(accounts.c.id == known.account_id, accounts.c.password == seen)
            values = {"password": better, "updatedAt": to_iso(now)}
            async with self._database.begin() as tx:
                await tx.execute(update(accounts).where(same).values(values))
        except (Refusal, DBAPIError) as error:
            _log.warning("password hash not upgraded, kept as it was: %s", error)


_IS_CREDENTIAL = and_(
    accounts.c.userId == users.c.id,
    accounts.c.accountId == users.c.id,
    accounts.c.providerId == CREDENTIAL,
)


async def _hold_credential(tx: AsyncConnection, known: _Known) -> None:
    """Refuse if the checked hash is no longer the stored one; hold it until the session is in."""
    same = and_(accounts.c.id == known.account_id, accounts.c.password == known.hashed)
    held = await tx.execute(select(accounts.c.id).where(same).with_for_update(read=True))
    if held.first() is None:
        raise InvalidEmailOrPassword
