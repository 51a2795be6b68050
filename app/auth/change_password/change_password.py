"""Verifies and changes the password of the signed-in user."""

from contextlib import suppress
from datetime import datetime
from typing import Final

from msgspec import Struct

from ...models.clock import now as clock
from ...models.errors import StoreUnavailable, Unauthorized
from ...models.records import Client, Session, User
from ...settings.options import EmailAndPasswordOptions
from ...storage.database import Database
from ..audit.events import Event
from ..hooks import run_password_hooks
from ..passwords.current_password import CurrentPassword
from ..passwords.length import refuse_long, refuse_short
from ..passwords.password_accounts import PasswordAccount
from ..sessions.ended import log_sessions_ended
from ..sessions.sessions import Sessions

_PATH: Final = "/change-password"


class PasswordChangeRequest(Struct, frozen=True):
    """A password change. With `revoke` all sessions of the user end, and a new one starts."""

    new: str
    current: str
    revoke: bool


class PasswordChange:
    """Verifies and changes passwords. Writes only if the checked hash is still stored."""

    def __init__(
        self,
        options: EmailAndPasswordOptions,
        database: Database,
        current_password: CurrentPassword,
        sessions: Sessions,
    ) -> None:
        self._options = options
        self._database = database
        self._current_password = current_password
        self._sessions = sessions

    async def verify(self, user: User, password: str, client: Client) -> None:
        """Verifies the password.

        Raises PasswordTooLong, InvalidPassword, HashingOverloaded, TooManyRequests.
        """
        refuse_long(password, self._options)
        await self._current_password.check(user, password, client.ip)

    async def change(
        self, user: User, change: PasswordChangeRequest, client: Client, now: datetime
    ) -> Session | None:
        """Stores the new password. Returns the new session if the others had to end.

        Raises PasswordTooShort, PasswordTooLong, CredentialAccountNotFound, InvalidPassword,
        HashingOverloaded, TooManyRequests, and what a hook refuses. Raises Unauthorized if another
        request changed the password in between.
        """
        self._refuse_unfit(change)
        seen = await self._current_password.get_checked_account(user, change.current, client.ip)
        hashed = await self._current_password.passwords.hash(change.new, _PATH)
        if change.revoke:
            return await self._replace_all(user, seen, hashed, client, now)
        async with self._database.begin() as tx:
            if not await self._current_password.accounts.replace_hash(tx, seen, hashed, now):
                raise Unauthorized
            await self._sessions.audit.add(tx, Event("password_changed", user.id))
            await run_password_hooks(self._sessions.hooks, user.id, tx)
        return None

    async def _replace_all(
        self, user: User, seen: PasswordAccount, hashed: str, client: Client, now: datetime
    ) -> Session:
        ends = self._sessions.ends
        # Before anything ends: who is refused keeps the password and the sessions.
        allowed = await self._sessions.run_hooks(user, now, replaces=True)
        await ends.ask(user.id)
        kept = await ends.end_secondary(user.id)
        # Not before the others ended, or it would be one of them.
        starting = self._sessions.start_allowed(
            user, client, clock(), remember=True, values=allowed
        )
        async with starting as session, self._database.begin() as tx:
            if not await self._current_password.accounts.replace_hash(tx, seen, hashed, now):
                raise Unauthorized
            rows = await ends.end_rows(user.id, tx)
            await self._sessions.add(session, user, tx)
            await self._sessions.audit.add(tx, Event("password_changed", user.id))
            await run_password_hooks(self._sessions.hooks, user.id, tx)
        with suppress(StoreUnavailable):  # all that had begun before are over
            await ends.end_secondary(user.id, but=session.token)
        log_sessions_ended(user.id, max(kept, rows), "password changed")
        return session

    def _refuse_unfit(self, change: PasswordChangeRequest) -> None:
        refuse_short(change.new, self._options)
        refuse_long(change.new, self._options)
        refuse_long(change.current, self._options)
