"""The accounts of one user: the password, and the social accounts that a Node server made."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import bindparam, delete, select

from ...models.records import Timestamp
from ...models.tables import Tables
from ...storage.database import Database
from ..audit.audit import Audit
from ..audit.events import Event
from ..errors import AccountNotFound, FailedToUnlinkLastAccount

LISTED: Final = 100  # Better Auth 1.7.25: the adapter's `defaultFindManyLimit`
_LISTED_COLUMNS = (
    "accountId",
    "providerId",
    "userId",
    "createdAt",
    "updatedAt",
    "id",
    "scope",
)


class Account(Struct, frozen=True, rename="camel"):
    """An account as JSON, in wire order. Tokens and passwords are never read."""

    account_id: str
    provider_id: str
    user_id: str
    created_at: Timestamp
    updated_at: Timestamp
    id: str
    scopes: list[str]


class Accounts:
    """Reads and deletes accounts. Every statement checks the user."""

    def __init__(
        self, database: Database, tables: Tables, audit: Audit, *, allow_unlinking_all: bool
    ) -> None:
        self._database = database
        self._audit = audit
        self._allow_unlinking_all = allow_unlinking_all
        table = self._table = tables.accounts
        is_theirs = table.c.userId == bindparam("user_id")
        columns = [table.c[name] for name in _LISTED_COLUMNS]
        self._of_user = select(*columns).where(is_theirs).limit(LISTED)
        self._ids = select(table.c.id).where(is_theirs).limit(LISTED).with_for_update()

    async def list_accounts(self, user_id: str) -> Sequence[Account]:
        """Returns at most 100 accounts, in no order."""
        rows = await self._database.read_all(self._of_user, {"user_id": user_id})
        return [
            Account(
                account_id,
                provider_id,
                owner,
                created_at,
                updated_at,
                str(row_id),
                _split_scopes(scope),
            )
            for account_id, provider_id, owner, created_at, updated_at, row_id, scope in rows
        ]

    async def get_account(self, user_id: str, account_id: str) -> Account:
        """Returns the user's account with this row id. Raises AccountNotFound."""
        own = await self.list_accounts(user_id)
        account = next((each for each in own if each.id == account_id), None)
        if account is None:
            raise AccountNotFound
        return account

    async def unlink(self, user_id: str, account_id: str) -> None:
        """Deletes the account. Raises FailedToUnlinkLastAccount, AccountNotFound."""
        async with self._database.begin() as tx:
            # Held, or two requests at a time would each leave the other's account as the last.
            ids = (await tx.execute(self._ids, {"user_id": user_id})).scalars().all()
            if len(ids) == 1 and not self._allow_unlinking_all:
                raise FailedToUnlinkLastAccount
            row_id = next((each for each in ids if str(each) == account_id), None)
            if row_id is None:
                raise AccountNotFound
            await tx.execute(delete(self._table).where(self._table.c.id == row_id))
            details = {"account": account_id}
            await self._audit.add(tx, Event("account_unlinked", user_id, details=details))


def _split_scopes(stored: object) -> list[str]:
    """Splits scopes like `parseStoredScopes`."""
    return [scope.strip() for scope in str(stored or "").split(",") if scope.strip()]
