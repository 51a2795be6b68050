"""Where sessions are kept: what the rest of the service asks of it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.errors import StoreUnavailable
from ...models.records import Session, User
from .ended import Ended
from .live import Live

LISTED: Final = 100  # Better Auth 1.7.25: the adapter's `defaultFindManyLimit`


class SessionStore(Protocol):
    """Raises `StoreUnavailable`. What ends here is refused on the next request, in any process.

    What is kept outside of the database takes part in no transaction, and none waits for it: it is
    written before one begins (`reserve`, `end_kept`), and ended once more when that is committed,
    for what came in meanwhile.
    """

    keeps_elsewhere: bool  # whether something is kept outside of the database

    async def find(self, token: str) -> Live | None:
        """The session with this token and its user, expired or not."""
        ...

    async def listed(self, user_id: str, now: datetime) -> Sequence[Session]:
        """The user's sessions that have not expired, in no order; from the database at most 100."""
        ...

    async def reserve(self, session: Session, user: User) -> None:
        """Before the transaction of `add`: what is kept elsewhere. Nobody has its token yet."""
        ...

    async def withdraw(self, session: Session) -> None:
        """Undo `reserve`."""
        ...

    async def add(self, session: Session, user: User, tx: AsyncConnection) -> None:
        """Keep a new session that was reserved: what the database has of it."""
        ...

    async def change(self, live: Live, changes: Mapping[str, object]) -> Session | None:
        """The session with these fields changed; None where it has ended meanwhile."""
        ...

    async def end(self, token: str, *, user_id: str | None = None) -> Ended | None:
        """End the session with this token, if there is one; with `user_id` only if it is theirs.

        What ended, or None. Whoever ends sessions has the log told of it.
        """
        ...

    async def end_all(self, user_id: str, *, but: str | None = None) -> int:
        """End every session of the user, save the one with the token `but`; how many there were."""
        ...

    async def end_rows(self, user_id: str, tx: AsyncConnection) -> int:
        """The part of `end_all` that the database has, as a step of `tx`."""
        ...

    async def end_kept(self, user_id: str, *, but: str | None = None) -> int:
        """The part of `end_all` outside of the database."""
        ...

    async def user_changed(self, user: User) -> None:
        """Let sessions that were kept together with their user know the new fields."""
        ...


@asynccontextmanager
async def ending_kept(store: SessionStore, user_id: str) -> AsyncIterator[int]:
    """Around the transaction of `end_rows`: what is kept elsewhere ends before and after it.

    Gives how many there were. Nothing brings them back.
    """
    yield await store.end_kept(user_id)
    with suppress(StoreUnavailable):  # all that had begun before are over
        await store.end_kept(user_id)
