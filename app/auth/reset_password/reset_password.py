"""Resets a password with the token of a mailed link."""

from contextlib import nullcontext, suppress
from datetime import datetime
from typing import Final

from ...models.errors import StoreUnavailable
from ...models.records import User
from ...models.telemetry.log_context import note_user
from ...settings.options import EmailAndPasswordOptions
from ..audit.events import Event
from ..errors import InvalidResetToken, UserNotFound
from ..hooks import run_password_hooks, run_user_hooks
from ..passwords.current_password import CurrentPassword
from ..passwords.length import refuse_long, refuse_short
from ..sessions.ended import log_sessions_ended
from ..sessions.ends import SessionEnds
from ..users.users import Users
from ..verifications.database import Verifications
from .requests import make_identifier

_PATH: Final = "/reset-password"


class PasswordReset:
    """Resets passwords. A token works once; checking it does not spend it."""

    def __init__(
        self,
        options: EmailAndPasswordOptions,
        users: Users,
        current_password: CurrentPassword,
        verifications: Verifications,
        ends: SessionEnds,
    ) -> None:
        self._options = options
        self._users = users
        self._accounts = current_password.accounts
        self._passwords = current_password.passwords
        self._throttle = current_password.throttle
        self._verifications = verifications
        self._ends = ends

    async def is_valid(self, token: str, now: datetime) -> bool:
        """Whether the token is valid. It stays valid."""
        return await self._verifications.find(make_identifier(token), now) is not None

    async def choose(self, token: str, password: str, ip: str, now: datetime) -> None:
        """Stores the password. Of parallel callers with one token one succeeds.

        The token is spent in the transaction that stores the password and, if the settings say so,
        ends the sessions. After a refusal or an error it is still valid. The count of wrong
        passwords is cleared, because the reader of the mail is the owner.

        Raises PasswordTooShort, PasswordTooLong, InvalidResetToken, UserNotFound,
        HashingOverloaded, and what a hook raises.
        """
        if not token:
            raise InvalidResetToken
        refuse_short(password, self._options)
        refuse_long(password, self._options)
        user = await self._refuse_unknown(token, now)
        hashed = await self._passwords.hash(password, _PATH)
        revokes = self._options.revoke_sessions_on_password_reset
        ending = self._ends.end_secondary_around(user.id) if revokes else nullcontext(0)
        spending = self._verifications.consume(make_identifier(token), now)
        async with ending as kept, spending as (tx, user_id):
            if user_id is None:
                raise InvalidResetToken
            if not await self._accounts.overwrite(tx, user_id, hashed, now):
                raise UserNotFound
            await self._users.audit.add(tx, Event("reset_done", user_id))
            await run_password_hooks(self._ends.hooks, user_id, tx)
            rows = await self._ends.end_rows(user_id, tx) if revokes else 0
        log_sessions_ended(user_id, max(kept, rows), "password reset")
        with suppress(StoreUnavailable):  # the password is set, wherever failures are counted
            await self._throttle.reset(user_id, ip)
        await run_user_hooks(self._ends.hooks.on_password_reset, user)

    async def _refuse_unknown(self, token: str, now: datetime) -> User:
        """Returns the user of the token. Raises before a hash is made."""
        user_id = await self._verifications.find(make_identifier(token), now)
        if user_id is None:
            raise InvalidResetToken
        note_user(user_id)
        if (user := await self._users.find_by_id(user_id)) is None:
            raise UserNotFound
        return user
