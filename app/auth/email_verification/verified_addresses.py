"""Writes what follows from a verified address, if it is still the address of the link."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from ...models.clock import now as clock
from ...models.errors import StoreUnavailable
from ...models.records import Client, Session, User
from ...storage.database import Database
from ...storage.refused_values import log_refusal
from ..errors import AddressTaken, InvalidLink, LinkUserNotFound
from ..passwords.password_accounts import KnownUser
from ..sessions.sessions import Sessions
from ..users.users import Users
from .pending_passwords import PendingPasswords


class VerifiedAddresses:
    """Verifies and replaces addresses. Raises LinkUserNotFound if user or address changed."""

    def __init__(
        self, users: Users, sessions: Sessions, database: Database, pending: PendingPasswords
    ) -> None:
        self._database = database
        self._users = users
        self._sessions = sessions
        self._pending = pending

    async def verify(self, known: KnownUser, choice: str | None, now: datetime) -> User:
        """Verifies the address and returns the user.

        After several sign-ups only the password of `choice` counts, and sessions that began before
        end.
        """
        user, store = known.user, self._sessions.store
        changes = await self._users.run_hooks(user, {"email_verified": True})
        if known.account is not None and known.account.hashed is None:
            await store.end_secondary(
                user.id
            )  # before anything is written, in case it can't be done
        async with self._pending.resolve_pending(user, choice, now) as (tx, had_pending):
            changed = await self._users.change_in(tx, user.id, changes, now, while_email=user.email)
            if changed is None:
                raise LinkUserNotFound
            if had_pending:
                await store.end_rows(user.id, tx)
        if had_pending:
            with suppress(StoreUnavailable):  # all that had begun before are over
                await store.end_secondary(user.id)
        await store.refresh_user(changed)
        return changed

    async def replace(self, user: User, new_email: str, now: datetime) -> User:
        """Changes the address and returns the user. `emailVerified` does not change.

        Raises AddressTaken, and InvalidLink if the user or the address changed in between.
        """
        try:
            changed = await self._users.change(
                user, {"email": new_email}, now, while_email=user.email
            )
        except IntegrityError as error:
            log_refusal(error)
            raise AddressTaken from None
        if changed is None:
            raise InvalidLink
        return changed

    async def start_session(self, user: User, client: Client) -> Session:
        """Signs the user in, after other sessions ended."""
        starting = self._sessions.start(user, client, clock(), remember=True)
        async with starting as session, self._database.begin() as tx:
            if not await self._users.lock(tx, user.id):
                raise LinkUserNotFound
            await self._sessions.store.add(session, user, tx)
        return session
