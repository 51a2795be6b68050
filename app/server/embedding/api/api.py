"""`auth.api`: what the endpoints and the command line do, as calls in Python. No HTTP inside."""

from typing import Self

from .arguments import check_plain_text
from .bans import BanCalls
from .imports import ImportCalls
from .mails import MailCalls
from .passwords import PasswordCalls
from .sessions import SessionCalls
from .users import UserCalls


class Api(UserCalls, PasswordCalls, SessionCalls, BanCalls, MailCalls, ImportCalls):
    """All calls, with the names of Better Auth's `auth.api` in snake case where it has them.

    A refusal is a `Refusal` with `status`, `code` and `message`.
    """

    def on_behalf_of(self, user_id: str) -> Self:
        """Returns the same calls, whose audit events name this user as the actor.

        Raises the code `VALIDATION_ERROR`.
        """
        return type(self)(self._open_container, check_plain_text("user_id", user_id))
