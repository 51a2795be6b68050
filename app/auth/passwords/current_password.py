"""The password that a user has now: its check, with the hashes and the login throttle."""

from msgspec import Struct

from ...models.records import User
from ..errors import InvalidPassword
from .hashing import Passwords
from .login_throttle import LoginThrottle
from .password_accounts import PasswordAccount


class CurrentPassword(Struct, frozen=True):
    """The hashes and the login throttle, which every check of a password needs."""

    passwords: Passwords
    throttle: LoginThrottle

    async def check(
        self, user: User, password: str, account: PasswordAccount | None, ip: str
    ) -> None:
        """Verifies the password against the hash of `account`, and counts a failure.

        Raises InvalidPassword, HashingOverloaded, TooManyRequests.
        """
        hashed = None if account is None else account.hashed
        async with self.throttle.attempt(user.email, ip):
            if not await self.passwords.verify(password, hashed):
                raise InvalidPassword
