"""What is written once somebody has proven an address; only while it is the one of the link."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.database import Database
from app.records import Session, User
from app.refused_values import tell
from app.sessions.sessions import Sessions
from app.users.errors import AddressTaken, InvalidLink, LinkUserNotFound
from app.users.rivals import RivalPasswords
from app.users.users import Users
from app.web.client import Client


class ProvenAddresses:
    """Raises LinkUserNotFound where the user, or the address, has gone meanwhile."""

    def __init__(
        self, users: Users, sessions: Sessions, database: Database, rivals: RivalPasswords
    ) -> None:
        self._database = database
        self._users = users
        self._sessions = sessions
        self._rivals = rivals

    async def verify(self, user: User, choice: str | None, now: datetime) -> User:
        """The user, whose address counts as verified from now on.

        Where several have signed up under it, the password that `choice` names counts alone, and
        sessions that began before the proof end.
        """
        changes = {"email_verified": True}
        async with self._rivals.settling(user, choice, now) as (tx, had_rivals):
            changed = await self._users.change_in(tx, user.id, changes, now, while_email=user.email)
            if changed is None:
                raise LinkUserNotFound
            if had_rivals:
                await self._sessions.store.end_rows(user.id, tx)
        if had_rivals:
            await self._sessions.store.end_kept(user.id)
        await self._sessions.store.user_changed(changed)
        return changed

    async def replace(self, user: User, new_email: str, now: datetime) -> User:
        """The user under the new address, as verified as the old one was.

        Raises AddressTaken; InvalidLink where the user has gone, or has changed it meanwhile.
        """
        try:
            changed = await self._users.change(
                user.id, {"email": new_email}, now, while_email=user.email
            )
        except IntegrityError as error:
            tell(error)
            raise AddressTaken from None
        if changed is None:
            raise InvalidLink
        return changed

    async def start_session(self, user: User, client: Client, now: datetime) -> Session:
        """Sign the user in."""
        starting = self._sessions.starting(user, client, now, remember=True)
        async with starting as session, self._database.begin() as tx:
            if not await self._users.is_there(tx, user.id):
                raise LinkUserNotFound
            await self._sessions.store.add(session, user, tx)
        return session
