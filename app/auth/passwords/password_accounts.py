"""Stored passwords of users: the account of the provider `credential`."""

from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import to_iso
from ...models.identifiers import generate_id
from ...models.mappers import Mapper
from ...models.records import User
from ...models.tables import accounts, users
from ...storage.database import Database
from ..users.emails import is_same_address

CREDENTIAL: Final = "credential"

_OF_USER = (
    select(accounts.c.id, accounts.c.password)
    .where(accounts.c.userId == bindparam("user_id"))
    .where(accounts.c.accountId == bindparam("user_id"))
    .where(accounts.c.providerId == CREDENTIAL)
    .limit(1)
)
_STILL = (
    select(accounts.c.id)
    .where(and_(accounts.c.id == bindparam("account_id"), accounts.c.password == bindparam("seen")))
    .with_for_update(read=True)
)
_ADD = insert(accounts)


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

    def __init__(self, database: Database, mapper: Mapper[User]) -> None:
        self._database = database
        self._mapper = mapper
        theirs = mapper.table.c
        is_credential = and_(
            accounts.c.userId == theirs.id,
            accounts.c.accountId == theirs.id,
            accounts.c.providerId == CREDENTIAL,
        )
        self._known = (
            select(*mapper.columns, accounts.c.id, accounts.c.password)
            .join_from(mapper.table, accounts, is_credential, isouter=True)
            .limit(1)
        )
        self._by_column = {"email": self._known.where(theirs.email == bindparam("value"))}

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
        row = await self._database.read_one(_OF_USER, {"user_id": user_id})
        return None if row is None else PasswordAccount(*row)


async def add_password(tx: AsyncConnection, user_id: str, hashed: str, now: datetime) -> None:
    """Adds a password to a user, as a step of `tx`."""
    await tx.execute(_ADD, make_password_row(user_id, hashed, now))


def make_password_row(user_id: str, hashed: str, now: datetime) -> dict[str, object]:
    """Returns the row of the account with a user's password."""
    return {
        "id": generate_id(),
        "accountId": user_id,
        "providerId": CREDENTIAL,
        "userId": user_id,
        "password": hashed,
        "createdAt": to_iso(now),
        "updatedAt": to_iso(now),
    }


async def lock_unchanged(tx: AsyncConnection, seen: PasswordAccount) -> bool:
    """Whether the checked hash is still stored. It stays until `tx` ends."""
    held = await tx.execute(_STILL, {"account_id": seen.account_id, "seen": seen.hashed})
    return held.first() is not None


async def replace_hash(
    tx: AsyncConnection, seen: PasswordAccount, hashed: str | None, now: datetime
) -> bool:
    """Replaces the checked hash by another one or none. Returns False if it has changed."""
    password = accounts.c.password
    is_same = password.is_(None) if seen.hashed is None else password == seen.hashed
    same = and_(accounts.c.id == seen.account_id, is_same)
    values = {"password": hashed, "updatedAt": to_iso(now)}
    done = await tx.execute(update(accounts).where(same).values(values))
    return done.rowcount > 0


async def overwrite_password(tx: AsyncConnection, user_id: str, hashed: str, now: datetime) -> bool:
    """Sets the password of a user. Returns False if the user does not exist any more.

    It locks the account before the user, like all code: two orders would cause a deadlock.
    """
    done = await _overwrite(tx, user_id, hashed, now)
    user = await tx.execute(select(users.c.id).where(users.c.id == user_id).with_for_update())
    if user.first() is None:
        return False
    if not done and not await _overwrite(tx, user_id, hashed, now):
        await add_password(tx, user_id, hashed, now)
    return True


async def _overwrite(tx: AsyncConnection, user_id: str, hashed: str, now: datetime) -> bool:
    is_theirs = and_(accounts.c.userId == user_id, accounts.c.providerId == CREDENTIAL)
    values = {"password": hashed, "updatedAt": to_iso(now)}
    done = await tx.execute(update(accounts).where(is_theirs).values(values))
    return done.rowcount > 0
