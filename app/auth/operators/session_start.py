"""Begins a session without a request, for the application that embeds the service."""

from datetime import datetime, timedelta

from ...models.clock import to_iso
from ...models.records import Client, Session, User
from ...storage.database import Database
from ..audit.sign_ins import make_sign_in
from ..errors import NoSuchUser
from ..hooks import Values
from ..sessions.sessions import Sessions
from ..users.users import Users


class SessionStart:
    """The application has decided who the user is; hooks may refuse, as for everybody."""

    def __init__(self, database: Database, users: Users, sessions: Sessions) -> None:
        self._database = database
        self._users = users
        self._sessions = sessions

    async def start(
        self, user: User, client: Client, now: datetime, *, expires_in: int | None = None
    ) -> Session:
        """Begins a session. `expires_in`: seconds, None for those of the settings.

        No second factor is asked for. Raises what refuses a session, such as BannedUser, and
        NoSuchUser if the user is deleted meanwhile.
        """
        values: Values = {}
        if expires_in is not None:
            values = {"expires_at": to_iso(now + timedelta(seconds=expires_in))}
        starting = self._sessions.start(user, client, now, remember=True, values=values)
        async with starting as session, self._database.begin() as tx:
            if await self._users.lock(tx, user.id) is None:
                raise NoSuchUser
            await self._sessions.add(session, user, tx)
            await self._sessions.audit.add(tx, make_sign_in(session, "application"))
        return session
