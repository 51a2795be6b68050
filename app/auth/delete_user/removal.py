"""Deletes a user with all rows, and verifies the password for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.errors import Unauthorized
from ...models.records import Client, User
from ...models.tables import Tables
from ...settings.options import EmailAndPasswordOptions
from ...storage.database import Database
from ...storage.refused_values import refuse_values
from ..errors import FailedToDeleteUser
from ..passwords.current_password import CurrentPassword
from ..passwords.length import refuse_long
from ..passwords.password_accounts import PasswordAccount
from ..sessions.ended import log_sessions_ended
from ..sessions.store import SessionStore, end_secondary_around

# A constraint that is deferred to the commit speaks up before that.
_NOW = text("SET CONSTRAINTS ALL IMMEDIATE")


class Removal:
    """Deletes users. No connection is held during a hash, so it checks the hash again after."""

    def __init__(
        self,
        options: EmailAndPasswordOptions,
        database: Database,
        current_password: CurrentPassword,
        store: SessionStore,
        tables: Tables,
    ) -> None:
        self._options = options
        self._database = database
        self._current_password = current_password
        self._store = store
        self._users, self._accounts = tables.users, tables.accounts

    async def check(self, user: User, password: str, client: Client) -> PasswordAccount:
        """Verifies the password and returns its credential.

        Raises PasswordTooLong, CredentialAccountNotFound, InvalidPassword, HashingOverloaded,
        TooManyRequests.
        """
        refuse_long(password, self._options)
        return await self._current_password.get_checked_account(user, password, client.ip)

    async def remove(self, user_id: str, seen: PasswordAccount | None = None) -> None:
        """Deletes the user with all rows, or nothing.

        Raises Unauthorized if the checked password changed in between, and FailedToDeleteUser.
        """
        # A constraint may be checked as late as at the commit.
        with refuse_values(FailedToDeleteUser):
            async with self.end_sessions_around(user_id) as kept, self._database.begin() as tx:
                rows = await self.remove_in(tx, user_id, seen)
        log_sessions_ended(user_id, max(kept, rows), "user deleted")

    @asynccontextmanager
    async def end_sessions_around(self, user_id: str) -> AsyncIterator[int]:
        """Ends the sessions outside of the database, around the transaction of `remove_in`.

        Yields how many there were. This cannot be undone, so it first tries whether the database
        can delete the user.
        """
        if self._store.uses_secondary_storage:
            async with self._database.begin() as tx, tx.begin_nested() as attempt:
                await self.remove_in(tx, user_id)
                await attempt.rollback()
        async with end_secondary_around(self._store, user_id) as kept:
            yield kept

    async def remove_in(
        self, tx: AsyncConnection, user_id: str, seen: PasswordAccount | None = None
    ) -> int:
        """Runs `remove` as a step of `tx`, inside `end_sessions_around`.

        Returns the number of session rows.
        """
        if seen is not None and not await self._current_password.accounts.lock_unchanged(tx, seen):
            raise Unauthorized
        rows = await self._store.end_rows(user_id, tx)
        accounts, users = self._accounts, self._users
        await tx.execute(delete(accounts).where(accounts.c.userId == user_id))
        await tx.execute(delete(users).where(users.c.id == user_id))
        if self._database.dialect == "postgresql":
            await tx.execute(_NOW)
        # A sign-in that these rows had to wait for has left its session by now.
        return rows + await self._store.end_rows(user_id, tx)
