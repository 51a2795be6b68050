"""What a session store has to do, and the active session that it finds."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Final, Protocol

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.errors import Refusal, StoreUnavailable
from ...models.records import Session, User
from .ended import EndedSession

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


class SessionStore(Protocol):
    """Stores sessions. An ended session is refused at the next request, in any process.

    Raises `StoreUnavailable`. Secondary storage takes part in no transaction, and no transaction
    waits for it. It is written before the transaction (`reserve`, `end_secondary`), and sessions
    are ended once more after the commit, because others may have come in.
    """

    uses_secondary_storage: bool  # whether something is kept outside of the database

    async def find(self, token: str) -> ActiveSession | None:
        """Returns the session with this token and its user, expired or not."""
        ...

    async def list_active(self, user_id: str, now: datetime) -> Sequence[Session]:
        """Returns the user's sessions that have not expired. The database returns at most 100."""
        ...

    async def reserve(self, session: Session, user: User) -> None:
        """Writes to secondary storage before the transaction of `add`."""
        ...

    async def withdraw(self, session: Session) -> None:
        """Undoes `reserve`."""
        ...

    async def add(self, session: Session, user: User, tx: AsyncConnection) -> None:
        """Writes a reserved session to the database."""
        ...

    async def change(self, active: ActiveSession, changes: Mapping[str, object]) -> Session | None:
        """Changes these fields and returns the session, or None if it has ended."""
        ...

    async def end(self, token: str, *, user_id: str | None = None) -> EndedSession | None:
        """Ends the session with this token. With `user_id`, only a session of this user.

        Returns what ended, or None. The caller must log it.
        """
        ...

    async def end_all(self, user_id: str, *, but: str | None = None) -> int:
        """Ends every session of the user except `but`. Returns how many there were."""
        ...

    async def end_rows(self, user_id: str, tx: AsyncConnection) -> int:
        """The part of `end_all` in the database, as a step of `tx`."""
        ...

    async def end_secondary(self, user_id: str, *, but: str | None = None) -> int:
        """The part of `end_all` outside of the database."""
        ...

    async def refresh_user(self, user: User) -> None:
        """Updates the user in stored sessions."""
        ...


@asynccontextmanager
async def end_secondary_around(store: SessionStore, user_id: str) -> AsyncIterator[int]:
    """Ends sessions in secondary storage before and after the transaction of `end_rows`.

    Yields how many there were. This cannot be undone.
    """
    yield await store.end_secondary(user_id)
    with suppress(StoreUnavailable):  # all that had begun before are over
        await store.end_secondary(user_id)
