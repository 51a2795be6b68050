"""Calls that refuse a user, let a user in again, and set roles."""

from collections.abc import Sequence

from ....auth.errors import FailedToUpdateUser
from ....auth.operators.administration import Administration
from ....models.clock import now
from ....models.records import User
from ....storage.refused_values import refuse_values
from ...container import Container
from ...operation import make_disabling
from .arguments import check_count, check_items, check_plain_text, check_text
from .calls import Calls


class PluginIsOff(RuntimeError):
    """The call needs a plugin that the settings have not switched on: one line."""


class BanCalls(Calls):
    """Bans, disabled users and roles."""

    async def ban_user(
        self, user_id: str, *, reason: str | None = None, expires_in: int | None = None
    ) -> User:
        """Refuses every sign-in of a user, and ends all sessions. Returns the user.

        With the plugin `admin` it is a ban of this plugin, with its default reason and duration;
        `expires_in` are seconds. Without the plugin it does what `disable_user` does.

        Raises the codes `USER_NOT_FOUND`, `VALIDATION_ERROR`, `FAILED_TO_UPDATE_USER`, what a hook
        raises, and PluginIsOff for `expires_in` without the plugin.
        """
        async with self._begin() as container:
            text = None if reason is None else check_plain_text("reason", reason)
            seconds = None if expires_in is None else check_count("expires_in", expires_in)
            user = await self._get_user(container, user_id)
            administration = _find_administration(container)
            if administration is not None:
                return await administration.ban_user(user, text, seconds, now())
            if seconds is not None:
                raise PluginIsOff("a ban that ends needs the plugin `admin`")
            await _disable(container, user, text)
            return user

    async def unban_user(self, user_id: str) -> User:
        """Lifts the ban of `ban_user`. Returns the user. Who is disabled stays disabled.

        Without the plugin `admin` it does what `enable_user` does. Raises the codes
        `USER_NOT_FOUND`, `FAILED_TO_UPDATE_USER`, and what a hook raises.
        """
        async with self._begin() as container:
            user = await self._get_user(container, user_id)
            administration = _find_administration(container)
            if administration is not None:
                return await administration.lift_ban(user.id, now())
            await make_disabling(container).enable(user, now())
            return user

    async def disable_user(self, user_id: str, *, reason: str | None = None) -> int:
        """Refuses every sign-in on every server, whatever plugins are on: as `users disable`.

        Administrators cannot lift it. Returns how many sessions ended. Raises the codes
        `USER_NOT_FOUND`, `VALIDATION_ERROR`, and `STORE_UNAVAILABLE` where Redis is away: the user
        is disabled then, and a second call ends the sessions.
        """
        async with self._begin() as container:
            text = None if reason is None else check_plain_text("reason", reason)
            user = await self._get_user(container, user_id)
            return await _disable(container, user, text)

    async def enable_user(self, user_id: str) -> bool:
        """Lets a disabled user sign in again. Returns whether the user was disabled.

        A ban of an administrator stays. Raises the code `USER_NOT_FOUND`.
        """
        async with self._begin() as container:
            user = await self._get_user(container, user_id)
            return (await make_disabling(container).enable(user, now())).before is not None

    async def is_user_disabled(self, user_id: str) -> bool:
        """Whether `disable_user`, or an operator, has disabled the user.

        Raises the code `USER_NOT_FOUND`.
        """
        async with self._begin() as container:
            user = await self._get_user(container, user_id)
            return await make_disabling(container).find(user.id) is not None

    async def set_role(self, user_id: str, role: str | Sequence[str]) -> User:
        """Sets one role, or several, of the plugin `admin`. Returns the user.

        Raises the codes `USER_NOT_FOUND`, `YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE` for a
        role that the option `roles` does not have, `VALIDATION_ERROR`, what a hook raises, and
        PluginIsOff without the plugin.
        """
        async with self._begin() as container:
            roles = [role] if isinstance(role, str) else check_items("role", role)
            checked = [check_text("role", each) for each in roles]
            user = await self._get_user(container, user_id)
            administration = _find_administration(container)
            if administration is None:
                raise PluginIsOff("roles need the plugin `admin`")
            return await administration.set_role(user.id, checked, now())


async def _disable(container: Container, user: User, reason: str | None) -> int:
    with refuse_values(FailedToUpdateUser):
        return (await make_disabling(container).disable(user, reason, now())).sessions


def _find_administration(container: Container) -> Administration | None:
    """Returns None if no plugin for administrators is on."""
    found = (plugin.administration for plugin in container.built_plugins)
    return next((each for each in found if each is not None), None)
