"""Sessions in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnClause,
    Delete,
    Update,
    bindparam,
    column,
    delete,
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
from ...storage.database import Database
from ...storage.refused_values import has_nul
from ...storage.row_cache import VersionedCache, measure_bytes
from ..restrictions import Restrictions
from .ended import EndedSession
from .store import LISTED, ActiveSession


class DatabaseSessions:
    """See `SessionStore`."""

    uses_secondary_storage = False

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
        self._seen: VersionedCache[ActiveSession] = VersionedCache()
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
        self._unexpired = (
            select(*session.columns)
            .where(self._table.c.userId == bindparam("user_id"))
            .where(not_(is_before(self._table.c.expiresAt, bindparam("now"), database.dialect)))
            .limit(LISTED)
        )
        if impersonated_by is not None:
            # The admin plugin of a Node server shows a user no session of an administrator.
            mark: ColumnClause[str] = column(impersonated_by)
            mark.table = self._table
            self._unexpired = self._unexpired.where(mark.is_(None))

    async def find(self, token: str) -> ActiveSession | None:
        version = self._database.read_version()
        known = self._seen.find(token, version)
        if known is not None:
            return known
        row = await self._database.read_one(self._by_token, {"token": token})
        if row is None:
            return None
        found = ActiveSession(
            self._mappers.session.to_record(row[: self._user_at]),
            self._mappers.user.to_record(row[self._user_at : self._marks_at]),
            self._restrictions.find_refusal(row[self._marks_at :]),
        )
        self._seen.keep(token, found, version, measure_bytes(row))
        return found

    async def list_active(self, user_id: str, now: datetime) -> Sequence[Session]:
        parameters = {"user_id": user_id, "now": to_iso(now)}
        rows = await self._database.read_all(self._unexpired, parameters)
        found = [self._mappers.session.to_record(row) for row in rows]
        # SQLite compares text, and may have other values, which the statement does not judge.
        return [session for session in found if from_iso(session.expires_at) > now]

    async def reserve(self, session: Session, user: User) -> None:
        """Does nothing: sessions are only in the database."""

    async def withdraw(self, session: Session) -> None:
        """The same."""

    async def add(self, session: Session, user: User, tx: AsyncConnection) -> None:
        await tx.execute(self._add, self._mappers.session.to_row(session))

    async def change(self, active: ActiveSession, changes: Mapping[str, object]) -> Session | None:
        mapper = self._mappers.session
        same = self._table.c.token == active.session.token
        statement = update(self._table).where(same).values(mapper.to_columns(changes))
        async with self._database.begin() as tx:
            row = (await tx.execute(statement.returning(*mapper.columns))).first()
        return None if row is None else mapper.to_record(row)

    async def end(self, token: str, *, user_id: str | None = None) -> EndedSession | None:
        if has_nul(token):  # no token has one
            return None
        statement = self._make_end().where(self._table.c.token == token)
        if user_id is not None:
            statement = statement.where(self._table.c.userId == user_id)
        which = statement.returning(self._table.c.id, self._table.c.userId)
        async with self._database.begin() as tx:
            row = (await tx.execute(which)).first()
        return None if row is None else EndedSession(*row)

    async def end_all(self, user_id: str, *, but: str | None = None) -> int:
        statement = self._make_end().where(self._table.c.userId == user_id)
        if but is not None:
            statement = statement.where(self._table.c.token != but)
        async with self._database.begin() as tx:
            return (await tx.execute(statement)).rowcount

    async def end_rows(self, user_id: str, tx: AsyncConnection) -> int:
        statement = self._make_end().where(self._table.c.userId == user_id)
        return (await tx.execute(statement)).rowcount

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
