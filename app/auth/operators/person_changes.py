"""Changes of one user by an operator, or by the application that embeds the service."""

from datetime import datetime

from ...models.records import User
from ...settings.options import EmailAndPasswordOptions
from ...storage.database import Database
from ...storage.refused_values import has_nul, refuse_values
from ..audit.events import Event
from ..errors import (
    AddressTaken,
    FailedToUpdateUser,
    InvalidEmail,
    NoFieldsToUpdate,
    NoSuchUser,
)
from ..hooks import Values, run_password_hooks
from ..passwords.current_password import CurrentPassword
from ..passwords.length import refuse_long, refuse_short
from ..sessions.ended import log_sessions_ended
from ..sessions.sessions import Sessions
from ..users.emails import is_email
from ..users.users import Users


class PersonChanges:
    """The use cases. Hooks of plugins run as for everybody."""

    def __init__(
        self,
        options: EmailAndPasswordOptions,
        database: Database,
        users: Users,
        current_password: CurrentPassword,
        sessions: Sessions,
    ) -> None:
        self._options = options
        self._database = database
        self._users = users
        self._current_password = current_password
        self._ends, self._audit = sessions.ends, sessions.audit

    async def find(self, email: str | None, user_id: str | None) -> User | None:
        """Returns the user with this address, in any case, or with this id."""
        if email is not None:
            return None if has_nul(email) else await self._users.find_by_email(email.lower())
        return await self._users.find_by_id(user_id or "")

    async def update(self, user: User, changes: Values, now: datetime) -> User:
        """Changes these fields, by attribute. Other users may not have the address.

        Raises NoFieldsToUpdate, InvalidEmail, AddressTaken, NoSuchUser if the user is deleted
        meanwhile, FailedToUpdateUser, and what a hook raises.
        """
        if not changes:
            raise NoFieldsToUpdate
        email = changes.get("email", user.email)
        if email != user.email:
            if not is_email(str(email)):
                raise InvalidEmail
            await self._refuse_taken(str(email), user)
        try:
            with refuse_values(FailedToUpdateUser):
                changed = await self._users.change(user, changes, now)
        except FailedToUpdateUser:
            if email != user.email:
                await self._refuse_taken(str(email), user)
            raise
        if changed is None:
            raise NoSuchUser
        return changed

    async def _refuse_taken(self, email: str, user: User) -> None:
        owner = await self._users.find_by_email(email)
        if owner is not None and owner.id != user.id:
            raise AddressTaken

    async def set_password(
        self, user: User, password: str, now: datetime, *, path: str | None = None
    ) -> int:
        """Sets the password, and ends all sessions. Returns how many there were.

        Wrong passwords are forgotten. `path`: that of the endpoint as which hooks check it.

        Raises PasswordTooShort, PasswordTooLong, FailedToUpdateUser if the user is deleted
        meanwhile, HashingOverloaded, and what a hook raises.
        """
        refuse_short(password, self._options)
        refuse_long(password, self._options)
        current, ends = self._current_password, self._ends
        hashed = await current.passwords.hash(password, path)
        async with ends.end_secondary_around(user.id) as kept, self._database.begin() as tx:
            if not await current.accounts.overwrite(tx, user.id, hashed, now):
                raise FailedToUpdateUser
            rows = await ends.end_rows(user.id, tx)
            await self._audit.add(tx, Event("password_set", user.id))
            await run_password_hooks(ends.hooks, user.id, tx)
        await current.throttle.reset(user.id, "")
        log_sessions_ended(user.id, max(kept, rows), "password reset")
        return max(kept, rows)

    async def verify(self, user: User, now: datetime) -> User:
        """Takes the address as verified.

        Raises FailedToUpdateUser if it changes meanwhile, and what a hook raises.
        """
        verified = {"email_verified": True}
        changed = await self._users.change(user, verified, now, while_email=user.email)
        if changed is None:
            raise FailedToUpdateUser
        return changed
