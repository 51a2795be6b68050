"""Sessions in secondary storage and in the database (`session.storeSessionInDatabase`)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.records import Session, User
from ...storage.steps import Row
from .database_store import DatabaseSessions
from .ended import EndedSession, EndedSessions
from .secondary_store import StorageSessions
from .store import ActiveSession, RecordEnd, RecordEnds, SessionFilter, SessionStore


class MirroredSessions:
    """See `SessionStore`. Reads secondary storage, then the database for lost sessions.

    If the database preserves ended sessions, a row proves nothing: a session that is not in
    secondary storage has ended.
    """

    uses_secondary_storage = True
    has_rows = True

    def __init__(self, cached: StorageSessions, rows: DatabaseSessions, *, preserve: bool) -> None:
        self._cached = cached
        self._rows = rows
        self._falls_back = not preserve

    async def find(self, token: str) -> ActiveSession | None:
        found = await self._cached.find(token)
        return await self._rows.find(token) if found is None and self._falls_back else found

    async def list_active(self, user_id: str, now: datetime) -> Sequence[Session]:
        """Returns all rows, like the original."""
        store = self._rows if self._falls_back else self._cached
        return await store.list_active(user_id, now)

    async def list_all(self, user_id: str, now: datetime) -> Sequence[Session]:
        """The same, with expired rows and those of an administrator."""
        store = self._rows if self._falls_back else self._cached
        return await store.list_all(user_id, now)

    async def read_pages(
        self, chosen: SessionFilter, now: datetime
    ) -> AsyncIterator[Sequence[Session]]:
        store: SessionStore = self._rows if self._falls_back else self._cached
        async for page in store.read_pages(chosen, now):
            yield page

    async def end_listed(self, sessions: Sequence[Session], record: RecordEnds) -> int:
        await self._cached.end_kept(sessions)
        return await self._rows.end_listed(sessions, record)

    async def reserve(self, session: Session, user: User) -> None:
        await self._cached.reserve(session, user)

    async def withdraw(self, session: Session) -> None:
        await self._cached.withdraw(session)

    def list_rows(self, session: Session) -> Sequence[Row]:
        return self._rows.list_rows(session)

    async def change(self, active: ActiveSession, changes: Mapping[str, object]) -> Session | None:
        changed = await self._cached.change(active, changes)
        if changed is None and not self._falls_back:
            return None
        return await self._rows.change(active, changes)

    async def end(
        self, token: str, record: RecordEnd, *, user_id: str | None = None
    ) -> EndedSession | None:
        cached = await self._cached.remove(token, user_id=user_id)
        ended = await self._rows.end(token, record, user_id=user_id)
        if ended is None and cached is not None:
            await record(cached, None)
        return ended or cached

    async def end_all(self, user_id: str, record: RecordEnds, *, but: str | None = None) -> int:
        kept = await self._cached.end_secondary(user_id, but=but)

        async def record_both(ended: EndedSessions, tx: AsyncConnection | None) -> None:
            await record(EndedSessions(max(kept, ended.count), ended.sessions), tx)

        return max(kept, await self._rows.end_all(user_id, record_both, but=but))

    async def end_rows(self, user_id: str, tx: AsyncConnection) -> Sequence[Session]:
        return await self._rows.end_rows(user_id, tx)

    async def end_secondary(self, user_id: str, *, but: str | None = None) -> int:
        return await self._cached.end_secondary(user_id, but=but)

    async def refresh_user(self, user: User) -> None:
        await self._cached.refresh_user(user)
