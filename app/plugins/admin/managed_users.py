"""What administrators do with users: create, change, ban, remove, set passwords.

Source: `plugins/admin/routes` of Better Auth 1.7.25.
"""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from msgspec import UNSET

from ...auth.audit.events import Event
from ...auth.errors import FailedToCreateUser, FailedToUpdateUser, NoSuchUser
from ...auth.hooks import Values, run_password_hooks
from ...auth.passwords.length import refuse_long, refuse_short
from ...auth.sessions.ended import log_sessions_ended
from ...models.additional_fields import Json
from ...models.clock import to_iso
from ...models.records import User
from ...storage.refused_values import refuse_values
from ...web.request_context import RequestContext
from ..plugin import Services
from .access import ROLE, AdminAccess
from .bans import BAN_EXPIRES, BAN_REASON, BANNED, LIFTED
from .bodies import BanBody, NewUserBody, UserDataBody, UserPasswordBody
from .errors import CannotBanYourself, CannotRemoveYourself, EmailIsTaken
from .impersonation import Impersonations
from .options import AdminOptions
from .user_data import Data, UserData, read_email

_NO_REASON: Final = "No reason"
_LAST: Final = datetime.max.replace(tzinfo=UTC)


class ManagedUsers:
    """The use cases. `caller` is the administrator, as the database has the user."""

    def __init__(
        self,
        services: Services,
        options: AdminOptions,
        access: AdminAccess,
        impersonations: Impersonations,
    ) -> None:
        self._services = services
        self._impersonations = impersonations
        self._options = options
        self._access = access
        self._data = UserData(access, services.mappers.user.additional)
        self._passwords = services.settings.email_and_password

    async def get(self, user_id: str) -> User:
        """Returns a user. Raises NoSuchUser."""
        user = await self._services.users.find_by_id(user_id)
        if user is None:
            raise NoSuchUser
        return user

    async def create(
        self, caller: User, new: NewUserBody, request: RequestContext, now: datetime
    ) -> User:
        """Creates a user, with a password if there is one.

        Raises MayNotChangeRoles, InvalidRoleType, UnknownRole, MayNotBanUsers, InvalidEmail,
        PasswordTooLong, EmailIsTaken, InvalidBody, FailedToCreateUser, HashingOverloaded.
        """
        services, data = self._services, cast("Data", new.data or {})
        sent = {name: value for name, value in data.items() if name != ROLE}
        asked = data.get(ROLE, UNSET) if new.role is UNSET else cast("Json", new.role)
        role = self._data.read_role(caller, asked)
        self._data.check_ban(caller, sent)
        email = read_email(new.email)
        refuse_long(new.password or "", self._passwords)
        if await services.user_creation.is_taken(email):
            raise EmailIsTaken
        values = self._data.to_attributes({**sent, "name": new.name, "email": email})
        hashed = None
        if new.password:
            hashed = await services.passwords.hash(new.password, "/admin/create-user")
        prepared = await services.user_creation.prepare({**values, **role}, now, request)
        with refuse_values(FailedToCreateUser):
            async with services.database.begin() as tx:
                made = await services.user_creation.insert(tx, prepared)
                if hashed is not None:
                    await services.password_accounts.add(tx, made.id, hashed, now)
                await services.audit.add(tx, Event("user_created", made.id))
        services.user_creation.notify(made, request)
        return made

    async def update(self, caller: User, body: UserDataBody, now: datetime) -> User:
        """Changes fields of a user. A ban ends the sessions.

        Raises what `UserData.read_changes` raises, MayNotSetPhoneNumbers, EmailIsTaken,
        InvalidBody, NoSuchUser, FailedToUpdateUser.
        """
        target, data = body.target, cast("Data", body.data)
        changes = self._data.read_changes(caller, target, data)
        if "email" in changes:
            owner = await self._services.users.find_by_email(str(changes["email"]))
            if owner is not None and owner.id != target:
                raise EmailIsTaken
        self._data.check_phone_number(caller, data)
        user = await self.get(target)
        values = self._data.to_attributes(changes)
        if changes.get(BANNED) is True:
            if user.id == caller.id:  # a UUID has several spellings
                raise CannotBanYourself
            return await self._change_and_sign_out(user, values, now)
        return await self._change(user, values, now)

    async def set_role(self, target: str, role: str | list[str], now: datetime) -> User:
        """See `Administration`."""
        roles = self._access.join_roles(cast("Json", role))
        return await self._change(await self.get(target), {ROLE: roles}, now)

    async def ban(self, caller: User, body: BanBody, now: datetime) -> User:
        """Bans a user and ends the sessions. Raises NoSuchUser, CannotBanYourself."""
        user = await self.get(body.target)
        if user.id == caller.id:
            raise CannotBanYourself
        return await self.ban_user(user, body.ban_reason or None, body.ban_expires_in or None, now)

    async def ban_user(
        self, user: User, reason: str | None, seconds: float | None, now: datetime
    ) -> User:
        """See `Administration`."""
        age = seconds or self._options.default_ban_expires_in
        ban: Values = {
            BANNED: True,
            BAN_REASON: reason or self._options.default_ban_reason or _NO_REASON,
            BAN_EXPIRES: _add_seconds(now, age) if age else None,
        }
        return await self._change_and_sign_out(user, ban, now)

    async def lift_ban(self, target: str, now: datetime) -> User:
        """See `Administration`."""
        return await self._change(await self.get(target), LIFTED, now)

    async def remove(self, caller: User, target: str) -> None:
        """Deletes a user with all rows. Raises CannotRemoveYourself, NoSuchUser."""
        user = await self.get(target)
        if user.id == caller.id:  # a UUID has several spellings
            raise CannotRemoveYourself
        await self._services.removal.remove(user)
        await self._impersonations.end_all_of(user.id)

    async def set_password(self, caller: User, body: UserPasswordBody, now: datetime) -> None:
        """Sets the password of a user.

        Ends the user's sessions if `revokeSessionsOnPasswordReset` is on, but not for oneself.

        Raises PasswordTooShort, PasswordTooLong, NoSuchUser, HashingOverloaded.
        """
        services, ends = self._services, self._services.sessions.ends
        refuse_short(body.new_password, self._passwords)
        refuse_long(body.new_password, self._passwords)
        user = await self.get(body.target)
        hashed = await services.passwords.hash(body.new_password, "/admin/set-user-password")
        revokes = self._passwords.revoke_sessions_on_password_reset and user.id != caller.id
        ending = ends.end_secondary_around(user.id) if revokes else nullcontext(0)
        async with ending as kept, services.database.begin() as tx:
            if not await services.password_accounts.overwrite(tx, user.id, hashed, now):
                raise NoSuchUser
            await services.audit.add(tx, Event("password_set", user.id))
            await run_password_hooks(services.hooks, user.id, tx)
            rows = await ends.end_rows(user.id, tx) if revokes else 0
        log_sessions_ended(user.id, max(kept, rows), "password reset")

    async def _change(self, user: User, changes: Values, now: datetime) -> User:
        with refuse_values(FailedToUpdateUser):
            changed = await self._services.users.change(user, changes, now)
        if changed is None:
            raise NoSuchUser
        if ROLE in changes and not self._access.has(changed, {"user": ["impersonate"]}):
            await self._impersonations.end_all_of(user.id)
        return changed

    async def _change_and_sign_out(self, user: User, changes: Values, now: datetime) -> User:
        """Ends sessions before the user is locked, like all code, and those that came in after."""
        users, ends = self._services.users, self._services.sessions.ends
        allowed = await users.run_hooks(user, changes)
        with refuse_values(FailedToUpdateUser):
            async with (
                ends.end_secondary_around(user.id) as kept,
                self._services.database.begin() as tx,
            ):
                rows = await ends.end_rows(user.id, tx)
                changed = await users.change_in(tx, user.id, allowed, now)
                if changed is None:
                    raise NoSuchUser
                rows += await ends.end_rows(user.id, tx)
        log_sessions_ended(user.id, max(kept, rows), "banned")
        await self._impersonations.end_all_of(user.id)
        return changed


def _add_seconds(now: datetime, seconds: float) -> str:
    """Returns the time in so many seconds, at most the last one that a database can hold."""
    try:
        later = now + timedelta(milliseconds=int(seconds * 1000))
    except OverflowError:
        later = _LAST if seconds > 0 else now
    return to_iso(later)
