"""All users for an operator, in pages."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import bindparam, func, select

from ...models.mappers import Mapper
from ...models.records import User
from ...models.tables import Tables
from ...storage.database import Database

PAGE: Final = 500


class ListedUser(Struct, frozen=True):
    """A user, and since when an operator has disabled the user."""

    user: User
    disabled_since: str | None


class PeopleList:
    """Reads users by id, so that any number of them costs one page of memory."""

    def __init__(self, database: Database, mapper: Mapper[User], tables: Tables) -> None:
        self._database = database
        self._mapper = mapper
        marks, theirs = tables.disabled_users.c, mapper.table.c
        self._all = (
            select(*mapper.columns, marks.disabledAt)
            .join_from(mapper.table, tables.disabled_users, marks.userId == theirs.id, isouter=True)
            .order_by(theirs.id)
        )

    async def read_pages(
        self, *, after: str | None = None, contains: str | None = None, size: int | None = None
    ) -> AsyncIterator[Sequence[ListedUser]]:
        """Yields the users whose id is after `after`, at most `size` of them in a page.

        `contains`: only those whose address has this in it, in any case of ASCII letters.
        """
        theirs, first = self._mapper.table.c, self._all.limit(min(size or PAGE, PAGE))
        if contains is not None:
            text = contains.lower()
            first = first.where(func.lower(theirs.email).contains(text, autoescape=True))
        following = first.where(theirs.id > bindparam("last"))
        rows = (
            await self._database.read_all(first)
            if after is None
            else await self._database.read_all(following, {"last": after})
        )
        while rows:
            found = [ListedUser(self._mapper.to_record(row[:-1]), row[-1]) for row in rows]
            yield found
            rows = await self._database.read_all(following, {"last": found[-1].user.id})
