"""Deletes a user with all rows, and verifies the password for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.errors import Unauthorized
from ...models.records import Client, User
from ...models.tables import Tables
from ...settings.options import EmailAndPasswordOptions
from ...storage.database import Database
from ...storage.refused_values import refuse_values
from ..audit.events import Event
from ..errors import FailedToDeleteUser
from ..hooks import run_user_hooks
from ..passwords.current_password import CurrentPassword
from ..passwords.length import refuse_long
from ..passwords.password_accounts import PasswordAccount
from ..sessions.ended import log_sessions_ended
from ..sessions.sessions import Sessions

# A constraint that is deferred to the commit speaks up before that.
_NOW = text("SET CONSTRAINTS ALL IMMEDIATE")


class _Tried(Exception):
    """Undoes a transaction that only tried something."""


class Removal:
    """Deletes users. No connection is held during a hash, so it checks the hash again after."""

    def __init__(
        self,
        options: EmailAndPasswordOptions,
        database: Database,
        current_password: CurrentPassword,
        sessions: Sessions,
        tables: Tables,
    ) -> None:
        self._options = options
        self._database = database
        self._current_password = current_password
        self._ends, self._audit, self._hooks = sessions.ends, sessions.audit, sessions.hooks
        self._users, self._accounts = tables.users, tables.accounts

    async def check(self, user: User, password: str, client: Client) -> PasswordAccount:
        """Verifies the password and returns its credential.

        Raises PasswordTooLong, CredentialAccountNotFound, InvalidPassword, HashingOverloaded,
        TooManyRequests.
        """
        refuse_long(password, self._options)
        return await self._current_password.get_checked_account(user, password, client.ip)

    async def remove(self, user: User, seen: PasswordAccount | None = None) -> None:
        """Deletes the user with all rows, or nothing.

        Raises Unauthorized if the checked password changed in between, FailedToDeleteUser, and what
        a hook raises.
        """
        # A constraint may be checked as late as at the commit.
        with refuse_values(FailedToDeleteUser):
            async with self.end_sessions_around(user) as kept, self._database.begin() as tx:
                rows = await self.remove_in(tx, user, seen)
        log_sessions_ended(user.id, max(kept, rows), "user deleted")

    @asynccontextmanager
    async def end_sessions_around(self, user: User) -> AsyncIterator[int]:
        """Ends the sessions outside of the database, around the transaction of `remove_in`.

        Yields how many there were. This cannot be undone, so it first asks the hooks, and tries
        whether the database can delete the user. Raises what a hook raises.
        """
        await run_user_hooks(self._hooks.before_user_deleted, user)
        if self._ends.store.uses_secondary_storage:
            with suppress(_Tried):
                async with self._database.begin() as tx:
                    await self.remove_in(tx, user)
                    raise _Tried
        async with self._ends.end_secondary_around(user.id) as kept:
            yield kept

    async def remove_in(
        self, tx: AsyncConnection, user: User, seen: PasswordAccount | None = None
    ) -> int:
        """Runs `remove` as a step of `tx`, inside `end_sessions_around`.

        Returns the number of session rows.
        """
        if seen is not None and not await self._current_password.accounts.lock_unchanged(tx, seen):
            raise Unauthorized
        rows = await self._ends.end_rows(user.id, tx)
        accounts, users = self._accounts, self._users
        await tx.execute(delete(accounts).where(accounts.c.userId == user.id))
        if (await tx.execute(delete(users).where(users.c.id == user.id))).rowcount:
            await self._audit.pseudonymize(tx, user.id)
            await self._audit.add(tx, Event("user_deleted", user.id))
            for hook in self._hooks.user_deleted:
                await hook(user, tx)
        if self._database.dialect == "postgresql":
            await tx.execute(_NOW)
        # A sign-in that these rows had to wait for has left its session by now.
        return rows + await self._ends.end_rows(user.id, tx)
