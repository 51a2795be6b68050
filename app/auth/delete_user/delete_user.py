"""Deletes the caller's account, after the required checks."""

from contextlib import nullcontext
from datetime import datetime
from enum import Enum

from msgspec import Struct

from ...models.records import Client, User
from ...storage.refused_values import refuse_values
from ..audit.events import Event
from ..errors import FailedToDeleteUser, InvalidDeletionToken, SessionExpired
from ..passwords.password_accounts import PasswordAccount
from ..sessions.ended import log_sessions_ended
from ..sessions.sessions import Sessions
from ..sessions.store import ActiveSession
from .mailed_link import DeletionLinks
from .removal import Removal


class DeletionRequest(Struct, frozen=True):
    """The body of a deletion request. An empty text counts as none."""

    password: str = ""
    token: str = ""
    callback_url: str = ""


class Outcome(Enum):
    """The result of a deletion request."""

    DELETED = "deleted"
    MAILED = "mailed"


class Deletion:
    """Deletes users. The order of the checks is the original's (`deleteUser`, 1.7.25)."""

    def __init__(self, removal: Removal, links: DeletionLinks, sessions: Sessions) -> None:
        self._removal = removal
        self._links = links
        self._sessions = sessions

    async def ask(
        self, active: ActiveSession, request: DeletionRequest, client: Client, now: datetime
    ) -> Outcome:
        """Deletes the user of this session, or mails the link that does.

        If links are mailed, a password alone never deletes. Otherwise a password or a fresh session
        is enough. Raises what `Removal` raises, InvalidDeletionToken and SessionExpired.
        """
        user, seen = active.user, None
        if request.password:
            seen = await self._removal.check(user, request.password, client)
        if request.token:
            await self._remove_by(request.token, user, now, seen)
            return Outcome.DELETED
        if await self._links.send(user, request.callback_url, now):
            self._sessions.audit.report(Event("deletion_requested", user.id))
            return Outcome.MAILED
        if seen is None and not self._sessions.is_fresh(active.session, now):
            raise SessionExpired
        await self._removal.remove(user, seen)
        return Outcome.DELETED

    async def confirm(self, active: ActiveSession, token: str, now: datetime) -> None:
        """Deletes the user of this session, who must be the receiver of the link.

        Raises InvalidDeletionToken, FailedToDeleteUser.
        """
        await self._remove_by(token, active.user, now)

    async def _remove_by(
        self, token: str, user: User, now: datetime, seen: PasswordAccount | None = None
    ) -> None:
        """Spends the token in the transaction of the removal. Also another user's token."""
        is_theirs = await self._links.find(token, now) == user.id
        end_sessions_around = (
            self._removal.end_sessions_around(user) if is_theirs else nullcontext(0)
        )
        with refuse_values(FailedToDeleteUser):
            async with (
                end_sessions_around as kept,
                self._links.consume(token, now) as (tx, owner_id),
            ):
                if owner_id == user.id:
                    rows = await self._removal.remove_in(tx, user, seen)
        if owner_id != user.id:
            raise InvalidDeletionToken
        log_sessions_ended(user.id, max(kept, rows), "user deleted")
