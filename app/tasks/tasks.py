"""The tasks of a user. Every statement checks the owner: other tasks do not exist."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Delete, Update, case, delete, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from ..bridge import InvalidToken
from ..models.clock import to_iso
from ..models.tables import Tables
from ..storage.database import AnyRow, Database
from .listing import Listing, ListingSelects
from .models import tasks
from .records import NewTask, Task, TaskChanges
from .refusals import TaskNotFound

_LARGEST_ID = 2**31 - 1


class Page(Struct, frozen=True):
    """A part of a list, and how many the whole list has."""

    tasks: Sequence[Task]
    total: int


class Tasks:
    """The use cases of tasks. `user_id` is always the `sub` of a verified token.

    Raises TaskNotFound if a task does not exist, and StoreUnavailable.
    """

    def __init__(self, database: Database, tables: Tables) -> None:
        self._database = database
        self._table = tables.make(tasks)
        self._insert = insert(self._table).returning(self._table)
        self._toggled = case((self._table.c.completed == true(), False), else_=True)
        self._selects = ListingSelects(self._table)

    async def list_page(self, user_id: str, listing: Listing) -> Page:
        """Returns the page of the user's tasks that the listing describes."""
        dialect = self._database.dialect
        page = self._selects.select_page(listing, user_id, dialect)
        rows = await self._database.search(page)
        shown = [_to_task(row) for row in rows]
        if len(shown) < listing.limit and (shown or not listing.offset):
            return Page(shown, listing.offset + len(shown))  # the list's end: nothing to count
        total = self._selects.select_total(listing, user_id, dialect)
        counted = await self._database.search(total)
        return Page(shown, counted[0][0])

    async def create(self, user_id: str, new: NewTask, now: datetime) -> Task:
        """Creates a task. Raises InvalidToken if the user does not exist any more."""
        made = to_iso(now)
        values = {**new.to_columns(), "user_id": user_id, "created_at": made, "updated_at": made}
        try:
            async with self._database.begin() as tx:
                row = (await tx.execute(self._insert, values)).one()
        except IntegrityError:
            # The one constraint that checked values can still break is the one on the user.
            raise InvalidToken("the user of this token does not exist any more") from None
        return _to_task(row)

    async def get(self, user_id: str, task_id: int) -> Task:
        """Returns the task."""
        _refuse_impossible(task_id)
        table = self._table
        statement = select(table).where(table.c.id == task_id, table.c.user_id == user_id)
        return _get_task(await self._database.read_one(statement))

    async def change(self, user_id: str, task_id: int, changes: TaskChanges, now: datetime) -> Task:
        """Changes the task and returns it. Without changes `updated_at` stays, too."""
        columns = changes.to_columns()
        if not columns:
            return await self.get(user_id, task_id)
        statement = update(self._table).values(columns | {"updated_at": to_iso(now)})
        return _get_task(await self._write(statement, user_id, task_id))

    async def complete(
        self, user_id: str, task_id: int, now: datetime, *, completed: bool | None = None
    ) -> Task:
        """Sets `completed`, or toggles it with None, in one statement."""
        value: object = self._toggled if completed is None else completed
        statement = update(self._table).values(completed=value, updated_at=to_iso(now))
        return _get_task(await self._write(statement, user_id, task_id))

    async def delete(self, user_id: str, task_id: int) -> None:
        """Deletes the task."""
        _get_task(await self._write(delete(self._table), user_id, task_id))

    async def _write(self, statement: Update | Delete, user_id: str, task_id: int) -> AnyRow | None:
        _refuse_impossible(task_id)
        table = self._table
        owned = statement.where(table.c.id == task_id, table.c.user_id == user_id)
        async with self._database.begin() as tx:
            return (await tx.execute(owned.returning(table))).one_or_none()


def _refuse_impossible(task_id: int) -> None:
    # PostgreSQL's driver raises for a number that its integer can't hold.
    if not 0 < task_id <= _LARGEST_ID:
        raise TaskNotFound


def _get_task(row: AnyRow | None) -> Task:
    if row is None:
        raise TaskNotFound
    return _to_task(row)


def _to_task(row: AnyRow) -> Task:
    return Task(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
