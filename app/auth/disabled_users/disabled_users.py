"""Users whom an operator disabled: they get no session, whatever plugins are on.

One indexed read for each session that is made, and none for one that is read: who disables a user
ends the sessions. That read and the write of a mark wait for each other on PostgreSQL, by a lock of
the table, because a row that is not there yet cannot be locked. On SQLite transactions that write
are one after the other.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, select

from ...models.clock import now as clock
from ...models.clock import to_iso
from ...models.errors import Refusal, StoreUnavailable
from ...models.records import Session, User
from ...models.tables import IMPERSONATION_COLUMN, Tables
from ...storage.database import Database
from ...storage.steps import Check
from ..errors import UserDisabled
from ..hooks import BeforeSessionCreated, PasswordSignIn, PendingSession, Values
from ..sessions.store import ActiveSession

REREAD: Final = 1.0  # seconds
_SKEW: Final = timedelta(minutes=5)  # of the clock of who disabled somebody


class DisabledUsers:
    """The marks of disabled users, and the hooks that refuse them."""

    def __init__(self, database: Database, tables: Tables) -> None:
        self._database = database
        table = tables.disabled_users
        is_theirs = table.c.userId == bindparam("user_id")
        self._mark = select(table.c.userId).where(is_theirs)
        self._held_mark = self._mark.with_for_update(read=True, key_share=True)

    def list_checks(self, session: Session, user: User) -> list[Check]:
        """Refuses a disabled user, also if it is who impersonates the user. A hook."""
        ids = (user.id, getattr(session, IMPERSONATION_COLUMN, None))
        marks = [{"user_id": user_id} for user_id in ids if user_id]
        return [Check(self._held_mark, mark, UserDisabled, unless=True) for mark in marks]

    async def judge_challenge(self, attempt: PasswordSignIn) -> None:
        """Raises UserDisabled: who gets no session is asked for nothing more."""
        await self._check(attempt.user.id)

    def wrap(self, hook: BeforeSessionCreated) -> BeforeSessionCreated:
        """Returns a hook whose refusal of a disabled user is UserDisabled.

        The mark of the admin plugin is set together with ours, where a database has it.
        """

        async def judge(pending: PendingSession) -> Values:
            try:
                return await hook(pending)
            except Refusal:
                await self._check(pending.user.id)
                raise

        return judge

    async def _check(self, user_id: str) -> None:
        if await self._database.read_one(self._mark, {"user_id": user_id}) is not None:
            raise UserDisabled


class RecentlyDisabled:
    """The users whom a cookie cache may still call signed in: it is not believed for them.

    They are read again at most once a second, and only when a cookie cache is used.
    """

    def __init__(
        self,
        database: Database,
        tables: Tables,
        max_age: int,
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Stores what it is given. `max_age` is the life of a cookie cache, in seconds."""
        self._database = database
        self._life = timedelta(seconds=max_age) + _SKEW
        table = tables.disabled_users
        self._recent = select(table.c.userId).where(table.c.disabledAt > bindparam("since"))
        self._seconds = seconds
        self._known: frozenset[str] = frozenset()
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    async def is_barred(self, cached: ActiveSession) -> bool:
        """Whether the store must be asked in place of the cookie."""
        known = await self._list()
        impersonator = getattr(cached.session, IMPERSONATION_COLUMN, None)
        return cached.user.id in known or impersonator in known

    async def _list(self) -> frozenset[str]:
        if self._is_current() or (self._read_at is not None and self._reading.locked()):
            return self._known
        async with self._reading:
            if not self._is_current():
                began = self._seconds()
                # While the database is away, nobody can be disabled either: what is known holds.
                with suppress(StoreUnavailable):
                    since = to_iso(clock() - self._life)
                    rows = await self._database.read_all(self._recent, {"since": since})
                    self._known = frozenset(str(row[0]) for row in rows)
                self._read_at = began
        return self._known

    def _is_current(self) -> bool:
        return self._read_at is not None and self._seconds() - self._read_at < REREAD
