"""Sessions in the database."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnClause,
    Delete,
    Update,
    bindparam,
    column,
    delete,
    false,
    insert,
    literal,
    not_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import from_iso, to_iso
from ...models.clock import now as clock
from ...models.column_types import is_before
from ...models.mappers import Mappers
from ...models.records import Session, User
from ...storage.database import AnyRow, Database
from ...storage.refused_values import has_nul
from ...storage.row_cache import RowCache
from ...storage.steps import Row
from ..restrictions import Restrictions
from .ended import EndedSession, EndedSessions
from .store import LISTED, PAGE, ActiveSession, RecordEnd, RecordEnds, SessionFilter


class DatabaseSessions:
    """See `SessionStore`."""

    uses_secondary_storage = False
    has_rows = True

    def __init__(
        self,
        database: Database,
        mappers: Mappers,
        restrictions: Restrictions,
        *,
        preserve: bool = False,
        impersonated_by: str | None = None,
    ) -> None:
        """Stores what it is given. `impersonated_by` is the column of the admin plugin, if any."""
        self._database = database
        self._preserve = preserve
        self._mappers = mappers
        self._restrictions = restrictions
        self._seen: RowCache[ActiveSession] = RowCache()
        user, session = mappers.user, mappers.session
        self._table = session.table
        self._user_at = len(session.columns)
        self._marks_at = self._user_at + len(user.columns)
        self._by_token = (
            select(*session.columns, *user.columns, *restrictions.list_columns())
            .join_from(self._table, user.table, self._table.c.userId == user.table.c.id)
            .where(self._table.c.token == bindparam("token"))
        )
        self._add = insert(self._table)
        is_theirs = self._table.c.userId == bindparam("user_id")
        self._all = select(*session.columns).where(is_theirs).limit(LISTED)
        self._unexpired = self._all.where(
            not_(is_before(self._table.c.expiresAt, bindparam("now"), database.dialect))
        )
        self._mark: ColumnClause[str] | None = None
        if impersonated_by is not None:
            # The admin plugin of a Node server shows a user no session of an administrator.
            self._mark = column(impersonated_by)
            self._mark.table = self._table
            self._unexpired = self._unexpired.where(self._mark.is_(None))

    async def find(self, token: str) -> ActiveSession | None:
        version = self._database.read_version()
        known = self._seen.find(token, version)
        if known is not None:
            return known
        stored = await self._database.read_stored(self._by_token, {"token": token})
        if stored is None:
            self._seen.forget(token)
            return None
        found = self._seen.find_equal(token, stored.values, version)
        if found is None:
            row = stored.convert()
            found = self._make_active(row)
            self._seen.keep(token, stored.values, found, version, converted=row)
        return found

    def _make_active(self, row: AnyRow) -> ActiveSession:
        return ActiveSession(
            self._mappers.session.to_record(row[: self._user_at]),
            self._mappers.user.to_record(row[self._user_at : self._marks_at]),
            self._restrictions.find_refusal(row[self._marks_at :]),
        )

    async def list_active(self, user_id: str, now: datetime) -> Sequence[Session]:
        parameters = {"user_id": user_id, "now": to_iso(now)}
        rows = await self._database.read_all(self._unexpired, parameters)
        found = [self._mappers.session.to_record(row) for row in rows]
        # SQLite compares text, and may have other values, which the statement does not judge.
        return [session for session in found if from_iso(session.expires_at) > now]

    async def list_all(self, user_id: str, now: datetime) -> Sequence[Session]:
        if has_nul(user_id):  # no id has one
            return []
        rows = await self._database.read_all(self._all, {"user_id": user_id})
        return [self._mappers.session.to_record(row) for row in rows]

    async def read_pages(
        self, chosen: SessionFilter, now: datetime
    ) -> AsyncIterator[Sequence[Session]]:
        columns, table = self._mappers.session.columns, self._table.c
        page = select(*columns).order_by(table.id).limit(PAGE)
        page = page.where(table.userId == chosen.user_id) if chosen.user_id else page
        page = page.where(table.id == chosen.session_id) if chosen.session_id else page
        if chosen.impersonated_by is not None:
            is_theirs = false() if self._mark is None else self._mark == chosen.impersonated_by
            page = page.where(is_theirs)
        rows = await self._database.read_all(page)
        following = page.where(table.id > bindparam("last"))
        while rows:
            found = [self._mappers.session.to_record(row) for row in rows]
            yield [session for session in found if chosen.is_meant(session, now)]
            rows = await self._database.read_all(following, {"last": found[-1].id})

    async def end_listed(self, sessions: Sequence[Session], record: RecordEnds) -> int:
        ids = [session.id for session in sessions]
        return await self._end(self._make_end().where(self._table.c.id.in_(ids)), record)

    async def reserve(self, session: Session, user: User) -> None:
        """Does nothing: sessions are only in the database."""

    async def withdraw(self, session: Session) -> None:
        """The same."""

    def list_rows(self, session: Session) -> Sequence[Row]:
        return [Row(self._add, self._mappers.session.to_row(session))]

    async def change(self, active: ActiveSession, changes: Mapping[str, object]) -> Session | None:
        mapper = self._mappers.session
        same = self._table.c.token == active.session.token
        statement = update(self._table).where(same).values(mapper.to_columns(changes))
        async with self._database.begin() as tx:
            row = (await tx.execute(statement.returning(*mapper.columns))).first()
        return None if row is None else mapper.to_record(row)

    async def end(
        self, token: str, record: RecordEnd, *, user_id: str | None = None
    ) -> EndedSession | None:
        if has_nul(token):  # no token has one
            return None
        statement = self._make_end().where(self._table.c.token == token)
        if user_id is not None:
            statement = statement.where(self._table.c.userId == user_id)
        async with self._database.begin() as tx:
            found = await self._end_in(tx, statement)
            if not found:
                return None
            ended = EndedSession(found[0].id, found[0].user_id, found[0])
            await record(ended, tx)
        return ended

    async def end_all(self, user_id: str, record: RecordEnds, *, but: str | None = None) -> int:
        if has_nul(user_id):
            return 0
        statement = self._make_end().where(self._table.c.userId == user_id)
        if but is not None:
            statement = statement.where(self._table.c.token != but)
        return await self._end(statement, record)

    async def _end(self, statement: Delete | Update, record: RecordEnds) -> int:
        async with self._database.begin() as tx:
            found = await self._end_in(tx, statement)
            await record(EndedSessions(len(found), found), tx)
        return len(found)

    async def end_rows(self, user_id: str, tx: AsyncConnection) -> Sequence[Session]:
        return await self._end_in(tx, self._make_end().where(self._table.c.userId == user_id))

    async def _end_in(self, tx: AsyncConnection, statement: Delete | Update) -> Sequence[Session]:
        mapper = self._mappers.session
        rows = await tx.execute(statement.returning(*mapper.columns))
        return [mapper.to_record(row) for row in rows]

    async def end_secondary(self, user_id: str, *, but: str | None = None) -> int:
        """Does nothing: sessions are only in the database."""
        return 0

    async def refresh_user(self, user: User) -> None:
        """Does nothing: a session is joined with its user when it is read."""

    def _make_end(self) -> Delete | Update:
        """Returns the statement that ends sessions, before a WHERE says which.

        A preserved row only expires, and keeps the time of its first end.
        """
        if not self._preserve:
            return delete(self._table)
        now = to_iso(clock())
        limit = literal(now, self._table.c.expiresAt.type)
        holds = not_(is_before(self._table.c.expiresAt, limit, self._database.dialect))
        return update(self._table).where(holds).values(expiresAt=now, updatedAt=now)
