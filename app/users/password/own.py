"""The password of somebody who is signed in: check it, change it."""

from datetime import datetime

from msgspec import Struct

from app.clock import now as clock
from app.database import Database
from app.errors import Unauthorized
from app.options import EmailAndPassword
from app.records import Session, User
from app.sessions.ended import tell_ends
from app.sessions.sessions import Sessions
from app.users.checks import Checks
from app.users.credentials import Credential, Credentials, replace_hash
from app.users.errors import CredentialAccountNotFound, InvalidPassword
from app.users.password_rules import refuse_long, refuse_short
from app.web.client import Client


class Change(Struct, frozen=True):
    """With `revoke` every session of the user ends, and a new one starts."""

    new: str
    current: str
    revoke: bool


class OwnPassword:
    """No connection is held while a hash runs, so what is written depends on the hash seen."""

    def __init__(
        self,
        policy: EmailAndPassword,
        database: Database,
        credentials: Credentials,
        checks: Checks,
        sessions: Sessions,
    ) -> None:
        self._policy = policy
        self._database = database
        self._credentials = credentials
        self._passwords = checks.passwords
        self._attempts = checks.attempts
        self._sessions = sessions

    async def verify(self, user: User, password: str, client: Client) -> None:
        """Raises PasswordTooLong, InvalidPassword, HashingOverloaded, TooManyRequests."""
        refuse_long(password, self._policy)
        credential = await self._credentials.of_user(user.id)
        await self._check(user, password, credential, client)

    async def change(
        self, user: User, change: Change, client: Client, now: datetime
    ) -> Session | None:
        """Store the new password; the new session where the others were to end.

        Raises PasswordTooShort, PasswordTooLong, CredentialAccountNotFound, InvalidPassword,
        HashingOverloaded, TooManyRequests; Unauthorized when another request changed the password
        meanwhile.
        """
        self._refuse_unfit(change)
        seen = await self._credentials.of_user(user.id)
        if seen is None or not seen.hashed:
            raise CredentialAccountNotFound
        await self._check(user, change.current, seen, client)
        hashed = await self._passwords.hash(change.new)
        async with self._database.begin() as tx:
            if not await replace_hash(tx, seen, hashed, now):
                raise Unauthorized
            if not change.revoke:
                return None
            ended = await self._sessions.store.end_all(user.id, tx=tx)
            # Not before the others ended, or it would be one of them.
            session = await self._sessions.start(tx, user, client, clock(), remember=True)
        tell_ends(user.id, ended, "password changed")
        return session

    def _refuse_unfit(self, change: Change) -> None:
        refuse_short(change.new, self._policy)
        refuse_long(change.new, self._policy)
        refuse_long(change.current, self._policy)

    async def _check(
        self, user: User, password: str, credential: Credential | None, client: Client
    ) -> None:
        hashed = None if credential is None else credential.hashed
        async with self._attempts.allowed(user.email, client.ip):
            if not await self._passwords.matches(password, hashed):
                raise InvalidPassword
