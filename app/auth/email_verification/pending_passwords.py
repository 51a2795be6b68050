"""Several sign-ups for one address that is not verified: whose password counts.

Each may come from an attacker. So with the second one no password counts any more. The link of a
sign-up makes its password the password of the account. See
docs/decisions/0014-several-sign-ups-for-one-address.md.
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...bridge.encodings import encode_base64url
from ...models.clock import to_iso
from ...models.records import User
from ...storage.database import Database
from ..passwords.password_accounts import CREDENTIAL, PasswordAccount, PasswordAccounts
from ..sessions.store import SessionStore
from ..verifications.database import Verifications

# A transaction in which a link or a code is spent. Raises a refusal if it is not valid.
Spend = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

_NAMED: Final = 16  # bytes of a digest that name a hash


class PendingPasswords:
    """Stores the hash of each such sign-up as long as its link works."""

    def __init__(
        self,
        database: Database,
        password_accounts: PasswordAccounts,
        verifications: Verifications,
        store: SessionStore,
        *,
        expires_in: int,
    ) -> None:
        self._store = store
        self._database = database
        self._password_accounts = password_accounts
        self._verifications = verifications
        self._age = timedelta(seconds=expires_in)
        users, accounts = password_accounts.tables.users.c, password_accounts.tables.accounts.c
        self._accounts = password_accounts.tables.accounts
        self._is_verified = select(users.emailVerified).where(users.id == bindparam("user_id"))
        self._locked = (
            select(accounts.id).where(accounts.id == bindparam("account_id")).with_for_update()
        )
        self._theirs = (
            select(accounts.id, accounts.password)
            .where(accounts.userId == bindparam("user_id"), accounts.providerId == CREDENTIAL)
            .with_for_update()
        )

    async def add(self, email: str, hashed: str, now: datetime) -> User | None:
        """Adds a sign-up for this address (lower case). From now on no password counts.

        Returns the user to mail the link to. None if the address is verified, or the user signs in
        without a password. If the user has a session, the link only verifies the address.
        """
        known = await self._password_accounts.find_by_email(email)
        if known is None or known.user.email_verified or known.account is None:
            return None
        if not await self._store.list_active(known.user.id, now):
            await self._keep(hashed, now)
        if known.account.hashed is not None:
            await self._keep(known.account.hashed, now)
            async with self._database.begin() as tx:
                await self._withdraw(tx, known.user, known.account, now)
        return known.user

    @asynccontextmanager
    async def resolve_pending(
        self, user: User, choice: str | None, now: datetime, spend: Spend | None = None
    ) -> AsyncIterator[tuple[AsyncConnection, bool]]:
        """The transaction in which a link verifies an address. Yields whether it had several.

        `choice`: the password of the link's sign-up. Without it, `spend` may be the transaction in
        which a code is spent.
        """
        if choice is None:
            async with (spend or self._database.begin)() as tx:
                yield tx, await self._resolve(tx, user, None, now)
        else:
            async with self._verifications.consume(_make_identifier(choice), now) as (tx, hashed):
                yield tx, await self._resolve(tx, user, hashed, now)

    async def _keep(self, hashed: str, now: datetime) -> None:
        await self._verifications.put(
            _make_identifier(name_hash(hashed)), hashed, now + self._age, now
        )

    async def _withdraw(
        self, tx: AsyncConnection, user: User, seen: PasswordAccount, now: datetime
    ) -> None:
        """Removes the password, unless it changed or the address was verified in between.

        Verification also locks the account. So the user is read after the lock; a join would
        return the user from before the wait.
        """
        await tx.execute(self._locked, {"account_id": seen.account_id})
        if (await tx.execute(self._is_verified, {"user_id": user.id})).scalar() is False:
            await self._password_accounts.replace_hash(tx, seen, None, now)

    async def _resolve(
        self, tx: AsyncConnection, user: User, hashed: str | None, now: datetime
    ) -> bool:
        """If no password counts, makes the chosen one count."""
        row = (await tx.execute(self._theirs, {"user_id": user.id})).first()
        if row is None or row[1] is not None:
            return False
        if hashed is not None:
            values = {"password": hashed, "updatedAt": to_iso(now)}
            password = self._accounts.c.password
            mine = and_(self._accounts.c.id == row[0], password.is_(None))
            await tx.execute(update(self._accounts).where(mine).values(values))
        return True


def name_hash(hashed: str) -> str:
    """Returns the name of a hash in a link. It reveals nothing, because the hash has a salt."""
    digest = hashlib.sha256(hashed.encode()).digest()[:_NAMED]
    return encode_base64url(digest)


def _make_identifier(name: str) -> str:
    return f"sign-up-password:{name}"
