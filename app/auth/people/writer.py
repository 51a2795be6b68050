"""Writes a batch of users, except those that the database refuses."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final

from msgspec import Struct
from sqlalchemy import BindParameter, bindparam, insert, select
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.mappers import Mapper
from ...models.records import User
from ...models.tables import Tables
from ...storage.database import Database
from ...storage.refused_values import is_refused_value
from ..audit.audit import Audit
from ..audit.events import Event
from ..passwords.password_accounts import make_password_row
from .rows import RefusedRow, RowError
from .rules import ImportedUser

_SHOWN: Final = 160  # characters of what a database says


class WriteResult(Struct):
    """The result of a batch: new users, the number of existing ones, refused rows."""

    new: list[ImportedUser]
    present: int
    refused: list[RefusedRow]


class Writer:
    """Writes each batch in one transaction, so no user is written without the password."""

    def __init__(
        self,
        database: Database,
        mapper: Mapper[User],
        tables: Tables,
        audit: Audit,
        *,
        dry_run: bool,
    ) -> None:
        """Prepares. A dry run writes and rolls back, so it finds what only the database knows."""
        self._database = database
        self._audit = audit
        self._generate_id = tables.generate_id
        self._insert_users = insert(mapper.table)
        self._insert_accounts = insert(tables.accounts)
        columns = tables.users.c
        values: BindParameter[str] = bindparam("values", expanding=True)
        known = select(columns.id, columns.email)
        self._by_email = known.where(columns.email.in_(values))
        self._by_id = known.where(columns.id.in_(values))
        self._dry_run = dry_run

    async def write(self, people: Sequence[ImportedUser], now: datetime) -> WriteResult:
        """Writes the batch. Existing users (by address, and by id if given) do not change.

        Raises `StoreUnavailable`.
        """
        result = WriteResult([], 0, [])
        async with self._database.begin() as tx, tx.begin_nested() as attempt:
            await self._insert(tx, await self._select_new(tx, people, result), result, now)
            if result.new:
                await self._audit.add(tx, Event("imported", details={"count": len(result.new)}))
            if self._dry_run:
                await attempt.rollback()
        return result

    async def _select_new(
        self, tx: AsyncConnection, people: Sequence[ImportedUser], result: WriteResult
    ) -> list[ImportedUser]:
        by_email = await tx.execute(self._by_email, {"values": [each.email for each in people]})
        id_of = {email: str(user_id) for user_id, email in by_email}
        kept = [each.id for each in people if each.keeps_id]
        taken = {str(row[0]) for row in await tx.execute(self._by_id, {"values": kept})}
        new = []
        for user in people:
            known_id = id_of.get(user.email)
            try:
                _check_same_user(user, known_id, taken)
            except RowError as error:
                result.refused.append(error.to_refused_row(user.line))
                continue
            if known_id is None:
                new.append(user)
            else:
                result.present += 1
        return new

    async def _insert(
        self,
        tx: AsyncConnection,
        people: Sequence[ImportedUser],
        result: WriteResult,
        now: datetime,
    ) -> None:
        """Writes all at once. If the database refuses, tries halves, down to the refused row.

        A user may sign up between reading and writing. That user then counts as present.
        """
        if not people:
            return
        try:
            async with tx.begin_nested():
                await self._insert_all(tx, people, now)
        except StatementError as error:
            if not is_refused_value(error):
                raise
            if len(people) == 1:
                if await self._select_new(tx, people, result):
                    result.refused.append(
                        RefusedRow(people[0].line, None, _describe_refusal(error))
                    )
                return
            middle = len(people) // 2
            await self._insert(tx, people[:middle], result, now)
            await self._insert(tx, people[middle:], result, now)
        else:
            result.new.extend(people)

    async def _insert_all(
        self, tx: AsyncConnection, people: Sequence[ImportedUser], now: datetime
    ) -> None:
        # In one order, so that two imports at once wait for each other, never in a circle.
        ordered = sorted(people, key=attrgetter("email"))
        await tx.execute(self._insert_users, [each.row for each in ordered])
        credentials = [
            make_password_row(self._generate_id(), each.id, each.hashed, now)
            for each in people
            if each.hashed is not None
        ]
        if credentials:
            await tx.execute(self._insert_accounts, credentials)


def _check_same_user(user: ImportedUser, known_id: str | None, taken: set[str]) -> None:
    """Raises `RowError` if the address or the id is that of another user."""
    if known_id is None and user.keeps_id and user.id in taken:
        raise RowError("id", "belongs to a user with another address")
    if known_id is not None and user.keeps_id and user.id != known_id:
        raise RowError("email", f"belongs to the user {known_id}")


def _describe_refusal(error: StatementError) -> str:
    """Returns the first line, because the next may contain the row."""
    said = str(error.orig).partition("\n")[0].rpartition(">: ")[2]
    return f"is refused by the database: {said[:_SHOWN]}"
