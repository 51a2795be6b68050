"""Stored passwords of users: the account of the provider `credential`."""

from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import to_iso
from ...models.column_types import select_text
from ...models.errors import Refusal
from ...models.mappers import Mapper
from ...models.records import User
from ...models.tables import Tables
from ...storage.database import Database
from ...storage.steps import Check, Row, run_steps
from ..users.emails import is_same_address

CREDENTIAL: Final = "credential"


class PasswordAccount(Struct, frozen=True):
    """A stored hash and its row. None if the row has no password."""

    account_id: str
    hashed: str | None


class KnownUser(Struct, frozen=True):
    """A user and the user's credential, if there is one."""

    user: User
    account: PasswordAccount | None


class PasswordAccounts:
    """Finds credentials, and changes them only if they did not change in between."""

    def __init__(self, database: Database, mapper: Mapper[User], tables: Tables) -> None:
        self._database = database
        self._mapper = mapper
        self.tables = tables
        theirs, accounts = mapper.table.c, tables.accounts.c
        is_credential = and_(
            accounts.userId == theirs.id,
            accounts.accountId == select_text(theirs.id),
            accounts.providerId == CREDENTIAL,
        )
        self._known = (
            select(*mapper.columns, accounts.id, accounts.password)
            .join_from(mapper.table, tables.accounts, is_credential, isouter=True)
            .limit(1)
        )
        self._by_column = {"email": self._known.where(theirs.email == bindparam("value"))}
        self._of_user = (
            select(accounts.id, accounts.password)
            .where(accounts.userId == bindparam("user_id"))
            .where(accounts.accountId == select_text(accounts.userId))
            .where(accounts.providerId == CREDENTIAL)
            .limit(1)
        )
        self._unchanged = (
            select(accounts.id)
            .where(accounts.id == bindparam("account_id"), accounts.password == bindparam("seen"))
            .with_for_update(read=True)
        )
        self._add = insert(tables.accounts)
        self._locked_user = (
            select(theirs.id).where(theirs.id == bindparam("user_id")).with_for_update()
        )

    async def find_by_email(self, email: str) -> KnownUser | None:
        """Returns the user with this address, which must be in lower case."""
        known = await self.find_by("email", email)
        return known if known is not None and is_same_address(known.user.email, email) else None

    async def find_by(self, column: str, value: str) -> KnownUser | None:
        """Returns the user with this value in a unique column, or None."""
        if column not in self._by_column:
            is_theirs = self._mapper.table.c[column] == bindparam("value")
            self._by_column[column] = self._known.where(is_theirs)
        row = await self._database.read_one(self._by_column[column], {"value": value})
        if row is None:
            return None
        width = len(self._mapper.columns)
        account_id, hashed = row[width:]
        account = None if account_id is None else PasswordAccount(account_id, hashed)
        return KnownUser(self._mapper.to_record(row[:width]), account)

    async def find_by_user_id(self, user_id: str) -> PasswordAccount | None:
        """Returns the credential of a user, or None."""
        row = await self._database.read_one(self._of_user, {"user_id": user_id})
        return None if row is None else PasswordAccount(*row)

    async def add(self, tx: AsyncConnection, user_id: str, hashed: str, now: datetime) -> None:
        """Adds a password to a user, as a step of `tx`."""
        await run_steps(tx, [self.make_row(user_id, hashed, now)])

    def make_row(self, user_id: str, hashed: str, now: datetime) -> Row:
        """Returns the row of `add`, for a transaction that is known before it begins."""
        row_id = self.tables.generate_id()
        return Row(self._add, make_password_row(row_id, user_id, hashed, now))

    async def lock_unchanged(self, tx: AsyncConnection, seen: PasswordAccount) -> bool:
        """Whether the checked hash is still stored. It stays until `tx` ends."""
        return (await tx.execute(self._unchanged, _list_seen(seen))).first() is not None

    def check_unchanged(self, seen: PasswordAccount, refusal: type[Refusal]) -> Check:
        """Does the same as a step of a transaction."""
        return Check(self._unchanged, _list_seen(seen), refusal)

    async def replace_hash(
        self, tx: AsyncConnection, seen: PasswordAccount, hashed: str | None, now: datetime
    ) -> bool:
        """Replaces the checked hash by another one or none. Returns False if it has changed."""
        accounts = self.tables.accounts
        password = accounts.c.password
        is_same = password.is_(None) if seen.hashed is None else password == seen.hashed
        same = and_(accounts.c.id == seen.account_id, is_same)
        values = {"password": hashed, "updatedAt": to_iso(now)}
        done = await tx.execute(update(accounts).where(same).values(values))
        return done.rowcount > 0

    async def overwrite(
        self, tx: AsyncConnection, user_id: str, hashed: str, now: datetime
    ) -> bool:
        """Sets the password of a user. Returns False if the user does not exist any more.

        It locks the account before the user, like all code: two orders would cause a deadlock.
        """
        done = await self._update(tx, user_id, hashed, now)
        user = await tx.execute(self._locked_user, {"user_id": user_id})
        if user.first() is None:
            return False
        if not done and not await self._update(tx, user_id, hashed, now):
            await self.add(tx, user_id, hashed, now)
        return True

    async def _update(self, tx: AsyncConnection, user_id: str, hashed: str, now: datetime) -> bool:
        accounts = self.tables.accounts
        is_theirs = and_(accounts.c.userId == user_id, accounts.c.providerId == CREDENTIAL)
        values = {"password": hashed, "updatedAt": to_iso(now)}
        done = await tx.execute(update(accounts).where(is_theirs).values(values))
        return done.rowcount > 0


def make_password_row(row_id: str, user_id: str, hashed: str, now: datetime) -> dict[str, object]:
    """Returns the row of the account with a user's password."""
    return {
        "id": row_id,
        "accountId": user_id,
        "providerId": CREDENTIAL,
        "userId": user_id,
        "password": hashed,
        "createdAt": to_iso(now),
        "updatedAt": to_iso(now),
    }


def _list_seen(seen: PasswordAccount) -> dict[str, object]:
    return {"account_id": seen.account_id, "seen": seen.hashed}
