"""The password that a user has now: its check, with all that checks of passwords need."""

from msgspec import Struct

from ...models.records import User
from ..errors import CredentialAccountNotFound, InvalidPassword
from .hashing import Passwords
from .login_throttle import LoginThrottle
from .password_accounts import PasswordAccount, PasswordAccounts


class CurrentPassword(Struct, frozen=True):
    """The accounts with their hashes, and the login throttle, which every check counts with."""

    accounts: PasswordAccounts
    passwords: Passwords
    throttle: LoginThrottle

    async def check(self, user: User, password: str, ip: str) -> None:
        """Verifies the password, and counts a failure. A user without one fails like all others.

        Raises InvalidPassword, HashingOverloaded, TooManyRequests.
        """
        account = await self.accounts.find_by_user_id(user.id)
        await self._check_account(user, password, account, ip)

    async def get_checked_account(self, user: User, password: str, ip: str) -> PasswordAccount:
        """As `check`, and returns the account. Raises CredentialAccountNotFound without one."""
        account = await self.accounts.find_by_user_id(user.id)
        if account is None or not account.hashed:
            raise CredentialAccountNotFound
        await self._check_account(user, password, account, ip)
        return account

    async def _check_account(
        self, user: User, password: str, account: PasswordAccount | None, ip: str
    ) -> None:
        hashed = None if account is None else account.hashed
        async with self.throttle.attempt(user.email, ip):
            if not await self.passwords.verify(password, hashed):
                raise InvalidPassword
