"""Where sessions are kept: what the rest of the service asks of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from app.records import Session, User
from app.sessions.ended import Ended
from app.sessions.live import Live

LISTED: Final = 100  # Better Auth 1.7.7: the adapter's `defaultFindManyLimit`


class SessionStore(Protocol):
    """Raises `StoreUnavailable`. What ends here is refused on the next request, in any process.

    With `tx` a change is a step of the caller's transaction, as far as the store takes part in it.
    """

    async def find(self, token: str) -> Live | None:
        """The session with this token and its user, expired or not."""
        ...

    async def listed(self, user_id: str, now: datetime) -> Sequence[Session]:
        """The user's sessions that have not expired, in no order; from the database at most 100."""
        ...

    async def add(self, session: Session, user: User, tx: AsyncConnection) -> None:
        """Keep a new session."""
        ...

    async def change(self, live: Live, changes: Mapping[str, object]) -> Session | None:
        """The session with these fields changed; None where it has ended meanwhile."""
        ...

    async def end(self, token: str, *, user_id: str | None = None) -> Ended | None:
        """End the session with this token, if there is one; with `user_id` only if it is theirs.

        What ended, or None. Whoever ends sessions has the log told of it.
        """
        ...

    async def end_all(
        self, user_id: str, *, but: str | None = None, tx: AsyncConnection | None = None
    ) -> int:
        """End every session of the user, save the one with the token `but`; how many there were."""
        ...

    async def user_changed(self, user: User) -> None:
        """Let sessions that were kept together with their user know the new fields."""
        ...
