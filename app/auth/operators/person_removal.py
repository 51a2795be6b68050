"""Deletes a user with everything that is stored about the person."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.records import User
from ...models.tables import Tables
from ...schema.branch import PersonalTable
from ...storage.database import Database
from ...storage.refused_values import refuse_values
from ..delete_user.removal import Removal
from ..disabled_users.impersonators import Impersonators
from ..errors import FailedToDeleteUser
from ..sessions.ended import log_sessions_ended
from .personal_data import match_verifications


class PersonRemoval:
    """Deletes users. `personal` are the tables of plugins and features."""

    def __init__(
        self,
        database: Database,
        tables: Tables,
        removal: Removal,
        impersonators: Impersonators,
        personal: Sequence[PersonalTable],
    ) -> None:
        self._database = database
        self._tables = tables
        self._removal = removal
        self._impersonators = impersonators
        self._personal = personal

    async def remove(self, user: User) -> None:
        """Deletes the user with all rows and sessions.

        What refers to the user goes with it, by the constraints of the tables. What only names the
        address goes in the same transaction: without the user nothing would find it. It may be
        repeated while the user is there. Raises FailedToDeleteUser, `StoreUnavailable`.
        """
        await self._impersonators.end_all_of(user.id)
        with refuse_values(FailedToDeleteUser):
            around = self._removal.end_sessions_around(user)
            async with around as kept, self._database.begin() as tx:
                await self._delete_named(tx, user)  # first, as who spends a link locks them
                rows = await self._removal.remove_in(tx, user)
        log_sessions_ended(user.id, max(kept, rows), "user deleted")
        async with self._database.begin() as tx:
            await self._delete_named(tx, user)  # what came in meanwhile

    async def _delete_named(self, tx: AsyncConnection, user: User) -> None:
        verifications = self._tables.verifications
        await tx.execute(delete(verifications).where(match_verifications(verifications, user)))
        for personal in self._personal:
            table = self._tables.make(personal.table)
            if personal.owner == "email":
                await tx.execute(delete(table).where(table.c.email == user.email))
