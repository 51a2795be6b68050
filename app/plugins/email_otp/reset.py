"""Resets a password with a code (`resetPasswordEmailOTP`, Better Auth 1.7.25)."""

from contextlib import nullcontext, suppress
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ...auth.audit.events import Event
from ...auth.errors import UserNotFound
from ...auth.hooks import Values, run_password_hooks, run_user_hooks
from ...auth.passwords.length import refuse_long, refuse_short
from ...auth.sessions.ended import log_sessions_ended
from ...models.errors import StoreUnavailable
from ...models.records import User
from ...models.telemetry.log_context import note_user
from ..plugin import Services
from .codes import Codes, CodeType

_PATH: Final = "/email-otp/reset-password"


class CodeReset:
    """Stores the password, spends the code, and verifies the address, or does nothing."""

    def __init__(self, services: Services, codes: Codes) -> None:
        self._services = services
        self._codes = codes
        self._ends = services.sessions.ends
        self._options = services.settings.email_and_password

    async def choose(self, email: str, code: str, password: str, ip: str, now: datetime) -> None:
        """Stores the password. The count of wrong passwords is cleared, as the reader is the owner.

        Raises PasswordTooShort, PasswordTooLong, UserNotFound, HashingOverloaded, and what `Codes`
        and hooks raise.
        """
        refuse_short(password, self._options)
        refuse_long(password, self._options)
        await self._codes.check(CodeType.RESET, email, code, now)
        user = await self._services.users.find_by_email(email)
        if user is None:
            raise UserNotFound
        note_user(user.id)
        hashed = await self._services.passwords.hash(password, _PATH)
        ends, revokes = self._ends, self._options.revoke_sessions_on_password_reset
        changes = await self._list_changes(user)
        ending = ends.end_secondary_around(user.id) if revokes else nullcontext(0)
        spending = self._codes.spend(CodeType.RESET, email, code, now)
        async with ending as kept, spending as tx:
            if not await self._services.password_accounts.overwrite(tx, user.id, hashed, now):
                raise UserNotFound
            await self._services.audit.add(tx, Event("reset_done", user.id))
            await run_password_hooks(self._services.hooks, user.id, tx)
            changed = await self._verify(tx, user, changes, now)
            rows = await ends.end_rows(user.id, tx) if revokes else 0
        log_sessions_ended(user.id, max(kept, rows), "password reset")
        with suppress(StoreUnavailable):  # the password is set
            await ends.store.refresh_user(changed)
        with suppress(StoreUnavailable):
            await self._services.current_password.throttle.reset(user.id, ip)
        await run_user_hooks(self._services.hooks.on_password_reset, user)

    async def _list_changes(self, user: User) -> Values:
        if user.email_verified:
            return {}
        return await self._services.users.run_hooks(user, {"email_verified": True})

    async def _verify(
        self, tx: AsyncConnection, user: User, changes: Values, now: datetime
    ) -> User:
        """Raises UserNotFound if the address is no longer the one that got the code."""
        users = self._services.users
        if changes:
            changed = await users.change_in(tx, user.id, changes, now, while_email=user.email)
        else:
            changed = await users.find_locked(tx, user.id)
        if changed is None or changed.email != user.email:
            raise UserNotFound
        return changed
