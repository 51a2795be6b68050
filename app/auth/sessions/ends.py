"""Ends sessions, with the log lines, audit events and hooks of it."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import now as clock
from ...models.errors import StoreUnavailable
from ...models.records import Session
from ...storage.database import Database
from ..audit.audit import Audit
from ..audit.events import Event, EventName
from ..hooks import Hooks
from .ended import EndedSession, EndedSessions, One, log_session_ended, log_sessions_ended
from .store import SessionFilter, SessionStore

# An expired session, and one that another takes the place of, are no news.
_EVENTS: Final[Mapping[One, EventName]] = {
    "impersonation ended": "impersonation_ended",
    "revoked": "session_revoked",
    "sign-out": "signed_out",
}


class SessionEnds:
    """Ends sessions in a store. Before it asks the hooks, which may refuse."""

    def __init__(self, store: SessionStore, database: Database, hooks: Hooks, audit: Audit) -> None:
        self.store = store
        self.hooks = hooks
        self.audit = audit
        self._database = database

    async def end(self, token: str, why: One, *, user_id: str | None = None) -> EndedSession | None:
        """Ends the session with this token, logs it and writes the audit event.

        With `user_id`, only a session of this user. Returns what ended, or None. Raises what a
        hook raises; an expired session ends without asking.
        """
        event = _EVENTS.get(why)
        if why != "expired":
            await self._ask_about(token, user_id)

        async def record(ended: EndedSession, tx: AsyncConnection | None) -> None:
            if event is not None:
                await self._record(Event(event, ended.user_id, session_id=ended.session_id), tx)
            if ended.session is not None:
                await self._run_hooks([ended.session], tx)

        ended = await self.store.end(token, record, user_id=user_id)
        if ended is not None:
            log_session_ended(ended, why)
        return ended

    async def end_all(self, user_id: str, *, but: str | None = None) -> int:
        """Ends every session of the user except the one with the token `but`.

        Does and raises the same. Returns how many there were.
        """
        await self.ask(user_id, but=but)
        return await self.end_asked(user_id, but=but)

    async def end_asked(self, user_id: str, *, but: str | None = None) -> int:
        """Does the same after `ask`."""
        outside = await self._list_outside(user_id, but=but)

        async def record(ended: EndedSessions, tx: AsyncConnection | None) -> None:
            if ended.count:
                details = {"count": ended.count}
                await self._record(Event("sessions_revoked", user_id, details=details), tx)
            await self._run_hooks(ended.sessions or outside, tx)

        count = await self.store.end_all(user_id, record, but=but)
        log_sessions_ended(user_id, count, "revoked")
        return count

    async def end_listed(self, sessions: Sequence[Session]) -> int:
        """Ends sessions of any users. Returns the number of the store. Does and raises the same."""
        theirs = Counter(session.user_id for session in sessions)
        await self._ask(sessions)

        async def record(ended: EndedSessions, tx: AsyncConnection | None) -> None:
            for user_id, count in theirs.items():
                details = {"count": count}
                await self._record(Event("sessions_revoked", user_id, details=details), tx)
            await self._run_hooks(ended.sessions, tx)

        count = await self.store.end_listed(sessions, record)
        for user_id, each in theirs.items():
            log_sessions_ended(user_id, each, "revoked")
        return count

    async def ask(self, user_id: str, *, but: str | None = None) -> None:
        """Asks the hooks whether the user's sessions except `but` may end.

        Call it before anything is written. Raises what a hook raises.
        """
        if self.hooks.before_session_deleted:
            pages = self.store.read_pages(SessionFilter(user_id=user_id), clock())
            async for page in pages:
                await self._ask([session for session in page if session.token != but])

    async def end_rows(self, user_id: str, tx: AsyncConnection) -> int:
        """Ends the user's sessions in the database, as a step of `tx`. Returns how many."""
        sessions = await self.store.end_rows(user_id, tx)
        await self._run_hooks(sessions, tx)
        return len(sessions)

    async def end_secondary(self, user_id: str, *, but: str | None = None) -> int:
        """Ends the user's sessions outside of the database. Returns how many there were.

        This cannot be undone.
        """
        outside = await self._list_outside(user_id, but=but)
        count = await self.store.end_secondary(user_id, but=but)
        await self._run_hooks(outside, None)
        return count

    @asynccontextmanager
    async def end_secondary_around(self, user_id: str) -> AsyncIterator[int]:
        """Does the same before and after the transaction of `end_rows`, and asks the hooks first.

        Yields how many there were. Raises what a hook raises.
        """
        await self.ask(user_id)
        yield await self.end_secondary(user_id)
        with suppress(StoreUnavailable):  # all that had begun before are over
            await self.end_secondary(user_id)

    async def _ask_about(self, token: str, user_id: str | None) -> None:
        if not self.hooks.before_session_deleted:
            return
        active = await self.store.find(token)
        if active is not None and user_id in (None, active.user.id):
            await self._ask([active.session])

    async def _ask(self, sessions: Sequence[Session]) -> None:
        for session in sessions:
            for hook in self.hooks.before_session_deleted:
                await hook(session)

    async def _list_outside(self, user_id: str, *, but: str | None) -> Sequence[Session]:
        """Returns the sessions that are in no row, if a hook must know them."""
        if not self.hooks.session_deleted or self.store.has_rows:
            return []
        found = await self.store.list_all(user_id, clock())
        return [session for session in found if session.token != but]

    async def _run_hooks(self, sessions: Sequence[Session], tx: AsyncConnection | None) -> None:
        if not sessions or not self.hooks.session_deleted:
            return
        if tx is not None:
            for session in sessions:
                for hook in self.hooks.session_deleted:
                    await hook(session, tx)
            return
        async with self._database.begin() as own:
            await self._run_hooks(sessions, own)

    async def _record(self, event: Event, tx: AsyncConnection | None) -> None:
        """Writes an event as a step of `tx`; after what happened outside of the database, alone."""
        if tx is None:
            await self.audit.write(event)
        else:
            await self.audit.add(tx, event)
