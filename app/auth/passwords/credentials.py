"""Passwords of users as they are kept: the account of the provider `credential`."""

from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import to_iso
from ...models.errors import Refusal
from ...models.identifiers import new_id
from ...models.mappers import Shape
from ...models.records import User
from ...models.tables import accounts, users
from ...storage.database import Database
from ..restrictions import Restrictions
from ..users.emails import same_address

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


class Credential(Struct, frozen=True):
    """A stored hash, and the row it is in; None where the row holds no password."""

    account_id: str
    hashed: str | None


class Known(Struct, frozen=True):
    """A user and what proves them, if anything does."""

    user: User
    credential: Credential | None
    restriction: type[Refusal] | None


class Credentials:
    """Finds credentials, and changes them only while they are what was seen."""

    def __init__(self, database: Database, shape: Shape[User], restrictions: Restrictions) -> None:
        self._database = database
        self._shape = shape
        self._restrictions = restrictions
        theirs = shape.table.c
        is_credential = and_(
            accounts.c.userId == theirs.id,
            accounts.c.accountId == theirs.id,
            accounts.c.providerId == CREDENTIAL,
        )
        self._by_email = (
            select(*shape.columns, accounts.c.id, accounts.c.password, *restrictions.columns())
            .join_from(shape.table, accounts, is_credential, isouter=True)
            .where(theirs.email == bindparam("email"))
            .limit(1)
        )

    async def of_email(self, email: str) -> Known | None:
        """The user with this address, which must be in lower case."""
        row = await self._database.read_one(self._by_email, {"email": email})
        if row is None:
            return None
        width = len(self._shape.columns)
        account_id, hashed = row[width : width + 2]
        user = self._shape.of(row[:width])
        if not same_address(user.email, email):
            return None
        return Known(
            user,
            None if account_id is None else Credential(account_id, hashed),
            self._restrictions.refusal(row[width + 2 :]),
        )

    async def of_user(self, user_id: str) -> Credential | None:
        """The credential of a user, if they have one."""
        row = await self._database.read_one(_OF_USER, {"user_id": user_id})
        return None if row is None else Credential(*row)


async def add_credential(tx: AsyncConnection, user_id: str, hashed: str, now: datetime) -> None:
    """Give a user a password; a step of the caller's `tx`."""
    await tx.execute(_ADD, credential_row(user_id, hashed, now))


def credential_row(user_id: str, hashed: str, now: datetime) -> dict[str, object]:
    """The account that holds a user's password."""
    return {
        "id": new_id(),
        "accountId": user_id,
        "providerId": CREDENTIAL,
        "userId": user_id,
        "password": hashed,
        "createdAt": to_iso(now),
        "updatedAt": to_iso(now),
    }


async def holds(tx: AsyncConnection, seen: Credential) -> bool:
    """Whether the hash that was checked is still the stored one; it stays so until `tx` ends."""
    held = await tx.execute(_STILL, {"account_id": seen.account_id, "seen": seen.hashed})
    return held.first() is not None


async def replace_hash(
    tx: AsyncConnection, seen: Credential, hashed: str | None, now: datetime
) -> bool:
    """Store another hash or none in place of the one that was seen; False where it has changed."""
    password = accounts.c.password
    is_same = password.is_(None) if seen.hashed is None else password == seen.hashed
    same = and_(accounts.c.id == seen.account_id, is_same)
    values = {"password": hashed, "updatedAt": to_iso(now)}
    done = await tx.execute(update(accounts).where(same).values(values))
    return done.rowcount > 0


async def overwrite_password(tx: AsyncConnection, user_id: str, hashed: str, now: datetime) -> bool:
    """Give a user this password whatever it was; False where there is no such user any more.

    The account is locked before the user, as everywhere: two orders would wait for each other.
    """
    done = await _overwrites(tx, user_id, hashed, now)
    user = await tx.execute(select(users.c.id).where(users.c.id == user_id).with_for_update())
    if user.first() is None:
        return False
    if not done and not await _overwrites(tx, user_id, hashed, now):
        await add_credential(tx, user_id, hashed, now)
    return True


async def _overwrites(tx: AsyncConnection, user_id: str, hashed: str, now: datetime) -> bool:
    is_theirs = and_(accounts.c.userId == user_id, accounts.c.providerId == CREDENTIAL)
    values = {"password": hashed, "updatedAt": to_iso(now)}
    done = await tx.execute(update(accounts).where(is_theirs).values(values))
    return done.rowcount > 0
