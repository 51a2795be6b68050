"""Asking for a new password, by mail."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Final

from app.identifiers import new_id
from app.mail.letters import Letters
from app.mail.links import Links
from app.options import EmailAndPassword
from app.users.errors import ResetPasswordDisabled
from app.users.users import Users
from app.verifications import Verifications

SAME_TIME: Final = 0.25  # seconds that a request takes at least, account or not
_LENGTH: Final = 24  # of a token


class ResetRequests:
    """Mails links to those who have an account; nobody learns who they are."""

    def __init__(
        self,
        policy: EmailAndPassword,
        users: Users,
        verifications: Verifications,
        links: Links,
        letters: Letters | None,
    ) -> None:
        self._age = timedelta(seconds=policy.reset_password_token_expires_in)
        self._users = users
        self._verifications = verifications
        self._links = links
        self._letters = letters

    async def ask(self, email: str, redirect_to: str | None, now: datetime) -> None:
        """Mail a link to the owner of this address, if there is one.

        Raises ResetPasswordDisabled where no letters are sent.
        """
        if self._letters is None:
            raise ResetPasswordDisabled
        start = time.monotonic()
        user = await self._users.by_email(email.lower())
        token = new_id(_LENGTH)
        if user is None:
            # What the original does here; it also clears expired values away.
            await self._verifications.find("dummy-verification-token", now)
        else:
            await self._verifications.put(identifier_of(token), user.id, now + self._age, now)
            self._letters.reset_password(user, self._links.reset_password(token, redirect_to))
        await asyncio.sleep(max(0.0, start + SAME_TIME - time.monotonic()))


def identifier_of(token: str) -> str:
    """What a token's value is kept under."""
    return f"reset-password:{token}"
