"""The second factors of users: rows of the table `twoFactor`, and the codes that were used."""

from msgspec import Struct
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ...storage.database import Database
from ..plugin import Services
from .tables import two_factors, used_codes


class Factor(Struct, frozen=True):
    """A row. The secret and the codes are as they are stored.

    `verified` None counts as verified: an older release of Better Auth made the row.
    """

    id: str
    secret: str
    backup_codes: str
    user_id: str
    verified: bool | None
    failures: int | None
    locked_until: str | None

    def __repr__(self) -> str:
        return f"Factor({self.id!r}, …)"  # never the secret

    @property
    def is_pending(self) -> bool:
        """Whether the user has not yet shown a code of it."""
        return self.verified is False


class NewFactor(Struct, frozen=True):
    """The values of a factor that a user enables."""

    secret: str
    backup_codes: str
    verified: bool

    def __repr__(self) -> str:
        return "NewFactor(…)"  # never the secret


class Factors:
    """Finds and changes second factors. A function that takes `tx` is a step of it."""

    def __init__(self, services: Services) -> None:
        self._database: Database = services.database
        self._generate_id = services.tables.generate_id
        self._users = services.mappers.user.table
        self._table = services.tables.make(two_factors)
        self._used = services.tables.make(used_codes)
        of_user = self._table.c.userId == bindparam("user_id")
        self._of_user = select(*self._table.c).where(of_user).limit(1)
        of_id = self._table.c.id == bindparam("factor_id")
        self._locked = select(*self._table.c).where(of_id).with_for_update()

    async def find(self, user_id: str) -> Factor | None:
        """Returns the factor of a user, or None."""
        rows = await self._database.read_all(self._of_user, {"user_id": user_id})
        return next((Factor(*row) for row in rows), None)

    async def find_locked(self, tx: AsyncConnection, factor_id: str) -> Factor | None:
        """Returns the factor. Nobody else changes it until `tx` ends."""
        row = (await tx.execute(self._locked, {"factor_id": factor_id})).first()
        return None if row is None else Factor(*row)

    async def save(self, tx: AsyncConnection, user_id: str, new: NewFactor) -> bool:
        """Stores a factor, in place of one that was never verified.

        Returns False if the user has one that counts. Requests for one user wait for each other.
        """
        locked = select(self._users.c.id).where(self._users.c.id == user_id).with_for_update()
        await tx.execute(locked)
        row = (await tx.execute(self._of_user, {"user_id": user_id})).first()
        seen = None if row is None else Factor(*row)
        values = {
            "secret": new.secret,
            "backupCodes": new.backup_codes,
            "verified": new.verified,
        }
        if seen is None:
            fresh = {"id": self._generate_id(), "userId": user_id, "failedVerificationCount": 0}
            await tx.execute(insert(self._table), {**fresh, **values})
            return True
        if not seen.is_pending:
            return False
        await self.change(tx, seen.id, **values)
        return True

    async def change(self, tx: AsyncConnection, factor_id: str, **values: object) -> None:
        """Changes these columns."""
        await tx.execute(update(self._table).where(self._table.c.id == factor_id).values(**values))

    async def replace_codes(self, tx: AsyncConnection, seen: Factor, codes: str) -> bool:
        """Stores other backup codes. Returns False if they have changed since they were read."""
        table = self._table
        is_same = (table.c.id == seen.id) & (table.c.backupCodes == seen.backup_codes)
        done = await tx.execute(update(table).where(is_same).values(backupCodes=codes))
        return done.rowcount > 0

    async def delete(self, tx: AsyncConnection, user_id: str) -> None:
        """Deletes the factor of a user."""
        await tx.execute(delete(self._table).where(self._table.c.userId == user_id))

    async def spend_step(self, tx: AsyncConnection, factor: Factor, step: int) -> bool:
        """Marks the code of a time step as used. Returns False if it was, or a later one."""
        used = self._used
        made = postgresql.insert if self._database.dialect == "postgresql" else sqlite.insert
        row = {"userId": factor.user_id, "factorId": factor.id, "step": step}
        spent = (
            made(used)
            .values(row)
            .on_conflict_do_update(
                index_elements=[used.c.userId],
                set_={"factorId": factor.id, "step": step},
                where=(used.c.factorId != factor.id) | (used.c.step < step),
            )
            .returning(used.c.step)
        )
        return (await tx.execute(spent)).first() is not None
