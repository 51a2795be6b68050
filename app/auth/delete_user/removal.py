"""Deletes a user with all rows, and verifies the password for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.errors import Unauthorized
from ...models.records import User
from ...models.tables import accounts, users
from ...settings.options import EmailAndPasswordOptions
from ...storage.database import Database
from ...storage.refused_values import refuse_values
from ...web.http.client import Client
from ..errors import CredentialAccountNotFound, FailedToDeleteUser, InvalidPassword
from ..passwords.checks import Checks
from ..passwords.credentials import Credential, Credentials, holds
from ..passwords.length import refuse_long
from ..sessions.ended import tell_ends
from ..sessions.store import SessionStore, ending_kept

# A constraint that is deferred to the commit speaks up before that.
_NOW = text("SET CONSTRAINTS ALL IMMEDIATE")


class Removal:
    """Deletes users. No connection is held during a hash, so it checks the hash again after."""

    def __init__(
        self,
        options: EmailAndPasswordOptions,
        database: Database,
        credentials: Credentials,
        checks: Checks,
        store: SessionStore,
    ) -> None:
        self._options = options
        self._database = database
        self._credentials = credentials
        self._passwords = checks.passwords
        self._attempts = checks.attempts
        self._store = store

    async def check(self, user: User, password: str, client: Client) -> Credential:
        """Verifies the password and returns its credential.

        Raises PasswordTooLong, CredentialAccountNotFound, InvalidPassword, HashingOverloaded,
        TooManyRequests.
        """
        refuse_long(password, self._options)
        credential = await self._credentials.of_user(user.id)
        if credential is None or not credential.hashed:
            raise CredentialAccountNotFound
        async with self._attempts.allowed(user.email, client.ip):
            if not await self._passwords.matches(password, credential.hashed):
                raise InvalidPassword
        return credential

    async def remove(self, user_id: str, seen: Credential | None = None) -> None:
        """Deletes the user with all rows, or nothing.

        Raises Unauthorized if the checked password changed in between, and FailedToDeleteUser.
        """
        # A constraint may be checked as late as at the commit.
        with refuse_values(FailedToDeleteUser):
            async with self.ending(user_id) as kept, self._database.begin() as tx:
                rows = await self.remove_in(tx, user_id, seen)
        tell_ends(user_id, max(kept, rows), "user deleted")

    @asynccontextmanager
    async def ending(self, user_id: str) -> AsyncIterator[int]:
        """Ends the sessions outside of the database, around the transaction of `remove_in`.

        Yields how many there were. This cannot be undone, so it first tries whether the database
        can delete the user.
        """
        if self._store.keeps_elsewhere:
            async with self._database.begin() as tx, tx.begin_nested() as attempt:
                await self.remove_in(tx, user_id)
                await attempt.rollback()
        async with ending_kept(self._store, user_id) as kept:
            yield kept

    async def remove_in(
        self, tx: AsyncConnection, user_id: str, seen: Credential | None = None
    ) -> int:
        """Runs `remove` as a step of `tx`, inside `ending`. Returns the number of session rows."""
        if seen is not None and not await holds(tx, seen):
            raise Unauthorized
        rows = await self._store.end_rows(user_id, tx)
        await tx.execute(delete(accounts).where(accounts.c.userId == user_id))
        await tx.execute(delete(users).where(users.c.id == user_id))
        if self._database.dialect == "postgresql":
            await tx.execute(_NOW)
        # A sign-in that these rows had to wait for has left its session by now.
        return rows + await self._store.end_rows(user_id, tx)
