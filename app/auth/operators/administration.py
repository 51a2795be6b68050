"""What a plugin for administrators does with users, for the Python API."""

from datetime import datetime
from typing import Protocol

from ...models.records import User


class Administration(Protocol):
    """Roles and bans. Whether the caller may do it is not asked."""

    async def set_role(self, target: str, role: str | list[str], now: datetime) -> User:
        """Sets the roles of the user with this id. Raises InvalidRoleType, UnknownRole, NoSuchUser.

        Who may not impersonate others any more loses these sessions.
        """
        ...

    async def ban_user(
        self, user: User, reason: str | None, seconds: float | None, now: datetime
    ) -> User:
        """Bans a user and ends the sessions. None: the defaults of the plugin.

        `seconds`: how long. Raises NoSuchUser if the user is deleted meanwhile.
        """
        ...

    async def lift_ban(self, target: str, now: datetime) -> User:
        """Lifts the ban of the user with this id. Raises NoSuchUser."""
        ...
