"""Finds the user of a mailed link."""

from ...models.records import User
from ...web.http.log_context import note_user
from ..errors import InvalidLink, LinkUserNotFound
from ..passwords.credentials import Credentials, Known
from ..users.users import Users
from .link_tokens import Proof


class LinkOwners:
    """Each method raises LinkUserNotFound, and InvalidLink if the link is for another user."""

    def __init__(self, users: Users, credentials: Credentials) -> None:
        self._users = users
        self._credentials = credentials

    async def by_address(self, proof: Proof) -> Known:
        """Returns the user with the address of the link."""
        known = await self._credentials.of_email(proof.email)
        if known is None:
            raise LinkUserNotFound
        if known.user.id != proof.user_id:
            raise InvalidLink
        note_user(known.user.id)
        return known

    async def by_id(self, proof: Proof) -> User:
        """Returns the user of the link, whose address must not have changed."""
        user = await self._users.by_id(proof.user_id)
        if user is None:
            raise LinkUserNotFound
        if user.email.lower() != proof.email.lower():
            raise InvalidLink
        note_user(user.id)
        return user
