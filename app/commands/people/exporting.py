"""Exports all users with the fields that an import reads."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from sqlalchemy import and_, bindparam, func, select

from ...auth.passwords.password_accounts import CREDENTIAL
from ...auth.people.fields import PASSWORD, Fields
from ...auth.restrictions import Restrictions
from ...models.additional_fields import Json
from ...models.column_types import select_text
from ...models.mappers import Mapper
from ...models.records import User
from ...models.tables import Tables
from ...storage.compiled import AnyRow
from ...storage.database import Database

PAGE: Final = 1000
_CORE: Final = ("id", "email", "name", "emailVerified", "image", "createdAt", "updatedAt")


class Export:
    """Reads users in pages, ordered by id. It may miss users who sign up while it runs."""

    def __init__(
        self,
        database: Database,
        mapper: Mapper[User],
        restrictions: Restrictions,
        tables: Tables,
    ) -> None:
        self._database = database
        self._fields = Fields(mapper.additional)
        table, accounts = mapper.table, tables.accounts
        present = {str(column.name): column for column in restrictions.list_columns()}
        self.marks = [mark for mark in self._fields.marks if mark in present]
        columns = [*_CORE, *(field.column for field in mapper.additional)]
        is_credential = and_(
            accounts.c.userId == table.c.id,
            accounts.c.accountId == select_text(table.c.id),
            accounts.c.providerId == CREDENTIAL,
        )
        self._first = (
            select(
                *(table.c[name] for name in columns),
                accounts.c.password,
                *(present[mark] for mark in self.marks),
            )
            .join_from(table, accounts, is_credential, isouter=True)
            .order_by(table.c.id)
            .limit(PAGE)
        )
        self._following = self._first.where(table.c.id > bindparam("after"))
        self._count = select(func.count()).select_from(table)
        self._others = select(func.count()).where(accounts.c.providerId != CREDENTIAL)

    @property
    def names(self) -> Sequence[str]:
        """The fields of a user, in order."""
        additional = [field.name for field in self._fields.additional]
        return [*_CORE, PASSWORD, *additional, *self.marks]

    async def count(self) -> int:
        """Counts the users. Raises `StoreUnavailable`."""
        return int((await self._database.read_all(self._count))[0][0])

    async def count_others(self) -> int:
        """Counts the accounts of other providers, which are not exported."""
        return int((await self._database.read_all(self._others))[0][0])

    async def read_pages(self) -> AsyncIterator[Sequence[dict[str, Json]]]:
        """Yields all users, one page at a time. Raises `StoreUnavailable`."""
        rows = await self._database.read_all(self._first)
        while rows:
            # An adopted table may have two passwords for a user; sign-in takes the first, too.
            people = {str(row[0]): row for row in reversed(rows)}
            yield [self._to_user(row) for row in reversed(people.values())]
            rows = await self._database.read_all(self._following, {"after": str(rows[-1][0])})

    def _to_user(self, row: AnyRow) -> dict[str, Json]:
        values = list(row)
        core, rest = values[: len(_CORE)], values[len(_CORE) :]
        width = len(self._fields.additional)
        marks = [bool(mark) for mark in rest[width + 1 :]]
        ordered = [*core, rest[width], *rest[:width], *marks]
        return dict(zip(self.names, ordered, strict=True))
