"""Refuses tokens whose session has ended, for routes that need it."""

from typing import Protocol

from .errors import InvalidToken
from .presented import Authenticator, Presented
from .user import User


class SessionRows(Protocol):
    """The store of sessions, see `SessionTable`."""

    async def is_alive(self, session_id: str, user_id: str) -> bool:
        """Whether this user's session, by its row id, is active."""
        ...


class SessionCheck:
    """Accepts the users of an `authenticator` whose session is still active.

    The session is the `sid` of the token, which HS256 tokens of Better Auth in Python have. A token
    without one is refused. Sessions only in Redis are in no table, so all tokens are refused then.
    """

    def __init__(self, authenticator: Authenticator, table: SessionRows) -> None:
        self._authenticator = authenticator
        self._table = table

    async def authenticate(self, presented: Presented) -> User:
        """Returns the user of a request. Raises InvalidToken, and the errors of both parts."""
        user = await self._authenticator.authenticate(presented)
        if user.session_id is None:
            raise InvalidToken("the token has no sid, so its session cannot be found")
        if not await self._table.is_alive(user.session_id, user.id):
            raise InvalidToken("the session of the token has ended or expired")
        return user
