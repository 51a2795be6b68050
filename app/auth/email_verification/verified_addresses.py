"""Writes what follows from a verified address, if it is still the address of the link."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from ...models.clock import now as clock
from ...models.errors import StoreUnavailable
from ...models.records import Client, Session, User
from ...storage.database import Database
from ...storage.refused_values import log_refusal
from ..audit.sign_ins import SignInMethod, make_sign_in
from ..errors import AddressTaken, InvalidLink, LinkUserNotFound
from ..hooks import run_user_hooks
from ..passwords.password_accounts import KnownUser, PasswordAccount, PasswordAccounts
from ..sessions.sessions import Sessions
from ..users.users import Users
from .pending_passwords import PendingPasswords, Spend, name_hash


class VerifiedAddresses:
    """Verifies and replaces addresses. Raises LinkUserNotFound if user or address changed."""

    def __init__(
        self,
        users: Users,
        password_accounts: PasswordAccounts,
        sessions: Sessions,
        database: Database,
        pending: PendingPasswords,
    ) -> None:
        self._database = database
        self._password_accounts = password_accounts
        self._users = users
        self._sessions = sessions
        self._pending = pending

    async def verify(
        self, known: KnownUser, choice: str | None, now: datetime, spend: Spend | None = None
    ) -> User:
        """Verifies the address and returns the user.

        After several sign-ups only the password of `choice` counts, and sessions that began before
        end. `spend`: the transaction in which a code is spent that names no password.
        """
        user, ends, hooks = known.user, self._sessions.ends, self._sessions.hooks
        await run_user_hooks(hooks.before_email_verified, user)
        changes = await self._users.run_hooks(user, {"email_verified": True})
        if known.account is not None and known.account.hashed is None:
            # Before anything is written, in case it can't be done.
            await ends.ask(user.id)
            await ends.end_secondary(user.id)
        async with self._pending.resolve_pending(user, choice, now, spend) as (
            tx,
            had_pending,
        ):
            changed = await self._users.change_in(tx, user.id, changes, now, while_email=user.email)
            if changed is None:
                raise LinkUserNotFound
            if had_pending:
                await ends.end_rows(user.id, tx)
        if had_pending:
            with suppress(StoreUnavailable):  # all that had begun before are over
                await ends.end_secondary(user.id)
        await ends.store.refresh_user(changed)
        await run_user_hooks(hooks.after_email_verified, changed)
        return changed

    async def replace(
        self,
        user: User,
        new_email: str,
        now: datetime,
        *,
        while_unverified: bool,
        while_password: str | None = None,
    ) -> User:
        """Changes the address and returns the user. `emailVerified` does not change.

        Raises AddressTaken, and InvalidLink if the user or the address changed in between. With
        `while_unverified` also if the address was verified, and with `while_password`, the name of
        a hash, if the user has another password: a reset ends what somebody else asked for.
        """
        changes = await self._users.run_hooks(user, {"email": new_email})
        account = await self._find_account(user, while_password)
        try:
            async with self._database.begin() as tx:
                accounts = self._password_accounts
                if account is not None and not await accounts.lock_unchanged(tx, account):
                    raise InvalidLink
                if while_unverified:
                    found = await self._users.find_locked(tx, user.id)
                    if found is None or found.email_verified:
                        raise InvalidLink
                changed = await self._users.change_in(
                    tx, user.id, changes, now, while_email=user.email
                )
        except IntegrityError as error:
            log_refusal(error)
            raise AddressTaken from None
        if changed is None:
            raise InvalidLink
        await self._sessions.store.refresh_user(changed)
        if changed.email_verified:
            await run_user_hooks(self._sessions.hooks.after_email_verified, changed)
        return changed

    async def _find_account(self, user: User, password: str | None) -> PasswordAccount | None:
        """Returns the account with this password, None without one. Raises InvalidLink."""
        if password is None:
            return None
        account = await self._password_accounts.find_by_user_id(user.id)
        if account is None or account.hashed is None or name_hash(account.hashed) != password:
            raise InvalidLink
        return account

    async def start_session(
        self, user: User, client: Client, method: SignInMethod = "verification-link"
    ) -> Session:
        """Signs the user in, after other sessions ended."""
        starting = self._sessions.start(user, client, clock(), remember=True)
        async with starting as session, self._database.begin() as tx:
            if await self._users.lock(tx, user.id) is None:
                raise LinkUserNotFound
            await self._sessions.add(session, user, tx)
            await self._sessions.audit.add(tx, make_sign_in(session, method))
        return session
