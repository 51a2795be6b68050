"""Finds the user of a mailed link."""

from ...models.records import User
from ...models.telemetry.log_context import note_user
from ..errors import InvalidLink, LinkUserNotFound
from ..passwords.password_accounts import KnownUser, PasswordAccounts
from ..users.users import Users
from .link_tokens import LinkClaims


class LinkUsers:
    """Each method raises LinkUserNotFound, and InvalidLink if the link is for another user."""

    def __init__(self, users: Users, password_accounts: PasswordAccounts) -> None:
        self._users = users
        self._password_accounts = password_accounts

    async def get_by_email(self, claims: LinkClaims) -> KnownUser:
        """Returns the user with the address of the link."""
        known = await self._password_accounts.find_by_email(claims.email)
        if known is None:
            raise LinkUserNotFound
        if known.user.id != claims.user_id:
            raise InvalidLink
        note_user(known.user.id)
        return known

    async def get_by_id(self, claims: LinkClaims) -> User:
        """Returns the user of the link, whose address must not have changed."""
        user = await self._users.find_by_id(claims.user_id)
        if user is None:
            raise LinkUserNotFound
        if user.email.lower() != claims.email.lower():
            raise InvalidLink
        note_user(user.id)
        return user
