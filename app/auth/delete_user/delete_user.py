"""Deleting one's own account: what is asked for before it is done."""

from contextlib import nullcontext
from datetime import datetime
from enum import Enum

from msgspec import Struct

from ...storage.refused_values import refusing
from ...web.http.client import Client
from ..errors import FailedToDeleteUser, InvalidDeletionToken, SessionExpired
from ..passwords.credentials import Credential
from ..sessions.ended import tell_ends
from ..sessions.live import Live
from ..sessions.sessions import Sessions
from .mailed_link import DeletionProofs
from .removal import Removal


class Wish(Struct, frozen=True):
    """What comes with the wish; an empty text is as good as none."""

    password: str = ""
    token: str = ""
    callback_url: str = ""


class Outcome(Enum):
    """What was done about it."""

    DELETED = "deleted"
    MAILED = "mailed"


class Deletion:
    """The order of the questions is the original's (`deleteUser`, Better Auth 1.7.25)."""

    def __init__(self, removal: Removal, proofs: DeletionProofs, sessions: Sessions) -> None:
        self._removal = removal
        self._proofs = proofs
        self._sessions = sessions

    async def ask(self, live: Live, wish: Wish, client: Client, now: datetime) -> Outcome:
        """Delete the user of this session, or mail them the link that does.

        A password alone never deletes where links are mailed; where they aren't, a password or a
        fresh session does. Raises what `Removal` raises, InvalidDeletionToken and SessionExpired.
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
        """Delete the user of this session, whom the link was mailed to.

        Raises InvalidDeletionToken, FailedToDeleteUser.
        """
        await self._remove_by(token, live.user.id, now)

    async def _remove_by(
        self, token: str, user_id: str, now: datetime, seen: Credential | None = None
    ) -> None:
        """The token is spent with the removal; another user's is spent for nothing."""
        is_theirs = await self._proofs.find(token, now) == user_id
        ending = self._removal.ending(user_id) if is_theirs else nullcontext(0)
        with refusing(FailedToDeleteUser):
            async with ending as kept, self._proofs.spending(token, now) as (tx, proven):
                if proven == user_id:
                    rows = await self._removal.remove_in(tx, user_id, seen)
        if proven != user_id:
            raise InvalidDeletionToken
        tell_ends(user_id, max(kept, rows), "user deleted")
