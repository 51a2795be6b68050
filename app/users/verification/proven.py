"""What is written once somebody has proven an address; only while it is the one of the link."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.database import Database
from app.records import Session, User
from app.sessions.sessions import Sessions
from app.users.errors import AddressTaken, InvalidLink, LinkUserNotFound
from app.users.users import Users
from app.web.client import Client


class ProvenAddresses:
    """Raises LinkUserNotFound where the user, or the address, has gone meanwhile."""

    def __init__(self, database: Database, users: Users, sessions: Sessions) -> None:
        self._database = database
        self._users = users
        self._sessions = sessions

    async def verify(self, user: User, now: datetime) -> User:
        """The user, whose address counts as verified from now on."""
        changes = {"email_verified": True}
        changed = await self._users.change(user.id, changes, now, while_email=user.email)
        if changed is None:
            raise LinkUserNotFound
        return changed

    async def replace(self, user: User, new_email: str, now: datetime) -> User:
        """The user under the new address, as verified as the old one was.

        Raises AddressTaken; InvalidLink where the user has gone, or has changed it meanwhile.
        """
        try:
            changed = await self._users.change(
                user.id, {"email": new_email}, now, while_email=user.email
            )
        except IntegrityError:
            raise AddressTaken from None
        if changed is None:
            raise InvalidLink
        return changed

    async def start_session(self, user: User, client: Client, now: datetime) -> Session:
        """Sign the user in."""
        async with self._database.begin() as tx:
            if not await self._users.is_there(tx, user.id):
                raise LinkUserNotFound
            return await self._sessions.start(tx, user, client, now, remember=True)
