"""Tokens that are refused as soon as their session has ended, for routes that need it."""

from typing import Protocol

from .errors import InvalidToken
from .presented import Authenticator, Presented
from .user import User


class SessionRows(Protocol):
    """Where sessions are kept, see `SessionTable`."""

    async def is_alive(self, session_id: str, user_id: str) -> bool:
        """Whether this user's session, by its row id, holds."""
        ...


class Live:
    """Whom an `authenticator` accepts, if the session that their token came from is alive.

    A token says so by its `sid`, which the HS256 tokens of Better Auth's Python service have; one
    without is refused. Sessions that are in Redis only are in no table: nobody is let by then.
    """

    def __init__(self, authenticator: Authenticator, table: SessionRows) -> None:
        self._authenticator = authenticator
        self._table = table

    async def authenticate(self, presented: Presented) -> User:
        """The user of a request; raises InvalidToken, and what both parts raise."""
        user = await self._authenticator.authenticate(presented)
        if user.session_id is None:
            raise InvalidToken("the token has no sid, so that its session can't be looked up")
        if not await self._table.is_alive(user.session_id, user.id):
            raise InvalidToken("the session of the token has ended or expired")
        return user
