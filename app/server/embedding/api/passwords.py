"""Calls that set and verify passwords."""

from typing import Final

from ....auth.errors import InvalidPassword
from ....auth.passwords.length import refuse_long
from ....models.clock import now
from ...operation import make_person_changes
from .arguments import check_text, read_client_ip
from .calls import Calls

_SET_PATH: Final = "/admin/set-user-password"  # at which hooks check the password


class PasswordCalls(Calls):
    """Passwords of users."""

    async def set_user_password(self, user_id: str, new_password: str) -> int:
        """Sets the password and ends all sessions. Returns how many sessions there were.

        A user without a password gets one. Wrong passwords that were counted are forgotten.

        Raises the codes `USER_NOT_FOUND`, `VALIDATION_ERROR`, `PASSWORD_TOO_SHORT`,
        `PASSWORD_TOO_LONG`, `SERVER_BUSY`, and what a hook raises.
        """
        async with self._begin() as container:
            password = check_text("new_password", new_password)
            user = await self._get_user(container, user_id)
            changes = make_person_changes(container)
            return await changes.set_password(user, password, now(), path=_SET_PATH)

    async def verify_password(self, user_id: str, password: str, *, client_ip: str = "") -> bool:
        """Whether this is the password of the user. It takes the time of a hash in any case.

        Wrong passwords count as those of a sign-in do, so that nobody guesses here what the sign-in
        would stop. With `client_ip`, the address of the one who typed it, a client that knew the
        password before is not locked out by others.

        Raises the codes `USER_NOT_FOUND`, `VALIDATION_ERROR`, `PASSWORD_TOO_LONG`, `SERVER_BUSY`,
        and, after too many wrong ones, a refusal with the status 429.
        """
        async with self._begin() as container:
            settings, attempt = container.settings, check_text("password", password)
            ip = read_client_ip(client_ip, settings.advanced.ip_address)
            refuse_long(attempt, settings.email_and_password)
            user = await self._get_user(container, user_id)
            try:
                await container.current_password.check(user, attempt, ip)
            except InvalidPassword:
                return False
            return True
