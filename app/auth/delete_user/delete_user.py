"""Deletes the caller's account, after the required checks."""

from contextlib import nullcontext
from datetime import datetime
from enum import Enum

from msgspec import Struct

from ...storage.refused_values import refuse_values
from ...web.http.client import Client
from ..errors import FailedToDeleteUser, InvalidDeletionToken, SessionExpired
from ..passwords.credentials import Credential
from ..sessions.ended import tell_ends
from ..sessions.live import Live
from ..sessions.sessions import Sessions
from .mailed_link import DeletionProofs
from .removal import Removal


class Wish(Struct, frozen=True):
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

    def __init__(self, removal: Removal, proofs: DeletionProofs, sessions: Sessions) -> None:
        self._removal = removal
        self._proofs = proofs
        self._sessions = sessions

    async def ask(self, live: Live, wish: Wish, client: Client, now: datetime) -> Outcome:
        """Deletes the user of this session, or mails the link that does.

        If links are mailed, a password alone never deletes. Otherwise a password or a fresh session
        is enough. Raises what `Removal` raises, InvalidDeletionToken and SessionExpired.
        """
        user, seen = live.user, None
        if wish.password:
            seen = await self._removal.check(user, wish.password, client)
        if wish.token:
            await self._remove_by(wish.token, user.id, now, seen)
            return Outcome.DELETED
        if await self._proofs.send(user, wish.callback_url, now):
            return Outcome.MAILED
        if seen is None and not self._sessions.is_fresh(live.session, now):
            raise SessionExpired
        await self._removal.remove(user.id, seen)
        return Outcome.DELETED

    async def confirm(self, live: Live, token: str, now: datetime) -> None:
        """Deletes the user of this session, who must be the receiver of the link.

        Raises InvalidDeletionToken, FailedToDeleteUser.
        """
        await self._remove_by(token, live.user.id, now)

    async def _remove_by(
        self, token: str, user_id: str, now: datetime, seen: Credential | None = None
    ) -> None:
        """Spends the token in the transaction of the removal. Also another user's token."""
        is_theirs = await self._proofs.find(token, now) == user_id
        ending = self._removal.ending(user_id) if is_theirs else nullcontext(0)
        with refuse_values(FailedToDeleteUser):
            async with ending as kept, self._proofs.spending(token, now) as (tx, proven):
                if proven == user_id:
                    rows = await self._removal.remove_in(tx, user_id, seen)
        if proven != user_id:
            raise InvalidDeletionToken
        tell_ends(user_id, max(kept, rows), "user deleted")
