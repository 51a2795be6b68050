"""What a session store has to do, and the active session that it finds."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.clock import from_iso
from ...models.errors import Refusal
from ...models.records import Session, User
from ...storage.steps import Row
from .ended import EndedSession, EndedSessions

# Called when sessions have ended, in the transaction in which they end; None: they were outside of
# the database. What it raises there undoes the end.
RecordEnd = Callable[[EndedSession, AsyncConnection | None], Awaitable[None]]
RecordEnds = Callable[[EndedSessions, AsyncConnection | None], Awaitable[None]]
PAGE: Final = 500  # sessions that an operator reads at once
LISTED: Final = 100  # Better Auth 1.7.25: the adapter's `defaultFindManyLimit`


class ActiveSession(Struct, frozen=True):
    """An active session. `due`: it should be extended; `renewed`: it was extended now.

    `due` is UNSET if the request or its cookies prevent that. `restriction`: the user must get no
    token.
    """

    session: Session
    user: User
    restriction: type[Refusal] | None = None
    due: bool | UnsetType = UNSET
    renewed: bool = False


class SessionFilter(Struct, frozen=True):
    """Which active sessions an operator means. None: all of them.

    `impersonated_by`: those that this administrator has as other users. A store chooses them.
    """

    user_id: str | None = None
    session_id: str | None = None
    began_before: datetime | None = None
    impersonated_by: str | None = None

    def is_meant(self, session: Session, now: datetime) -> bool:
        """Whether this session is active and one of them."""
        return (
            from_iso(session.expires_at) > now
            and self.user_id in (None, session.user_id)
            and self.session_id in (None, session.id)
            and (self.began_before is None or from_iso(session.created_at) < self.began_before)
        )


class SessionStore(Protocol):
    """Stores sessions. An ended session is refused at the next request, in any process.

    Raises `StoreUnavailable`. Secondary storage takes part in no transaction, and no transaction
    waits for it. It is written before the transaction (`reserve`, `end_secondary`), and sessions
    are ended once more after the commit, because others may have come in.
    """

    uses_secondary_storage: bool  # whether something is kept outside of the database
    has_rows: bool  # whether something is kept in the database

    async def find(self, token: str) -> ActiveSession | None:
        """Returns the session with this token and its user, expired or not."""
        ...

    async def list_active(self, user_id: str, now: datetime) -> Sequence[Session]:
        """Returns the user's sessions that have not expired. The database returns at most 100."""
        ...

    async def list_all(self, user_id: str, now: datetime) -> Sequence[Session]:
        """Returns the user's sessions, also those that an administrator has as the user.

        The database also returns expired ones, and at most 100; secondary storage does not.
        """
        ...

    def read_pages(self, chosen: SessionFilter, now: datetime) -> AsyncIterator[Sequence[Session]]:
        """Yields sessions of all users in pages, for an operator: any number of them."""
        ...

    async def end_listed(self, sessions: Sequence[Session], record: RecordEnds) -> int:
        """Ends these sessions, calls `record` and returns its number.

        That is how many there still were; in secondary storage alone, how many were named.
        """
        ...

    async def reserve(self, session: Session, user: User) -> None:
        """Writes to secondary storage before the transaction of `add`."""
        ...

    async def withdraw(self, session: Session) -> None:
        """Undoes `reserve`."""
        ...

    def list_rows(self, session: Session) -> Sequence[Row]:
        """Returns what the database stores of a reserved session."""
        ...

    async def change(self, active: ActiveSession, changes: Mapping[str, object]) -> Session | None:
        """Changes these fields and returns the session, or None if it has ended."""
        ...

    async def end(
        self, token: str, record: RecordEnd, *, user_id: str | None = None
    ) -> EndedSession | None:
        """Ends the session with this token. With `user_id`, only a session of this user.

        Returns what ended, or None. Features call `SessionEnds`, which also logs it.
        """
        ...

    async def end_all(self, user_id: str, record: RecordEnds, *, but: str | None = None) -> int:
        """Ends every session of the user except `but`. Returns how many there were.

        `record` is called with that number.
        """
        ...

    async def end_rows(self, user_id: str, tx: AsyncConnection) -> Sequence[Session]:
        """The part of `end_all` in the database, as a step of `tx`. Returns what ended."""
        ...

    async def end_secondary(self, user_id: str, *, but: str | None = None) -> int:
        """The part of `end_all` outside of the database."""
        ...

    async def refresh_user(self, user: User) -> None:
        """Updates the user in stored sessions."""
        ...
