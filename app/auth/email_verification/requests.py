"""Asking for the link once more (`sendVerificationEmail`, Better Auth 1.7.25)."""

import asyncio
import time
from datetime import datetime
from typing import Final

from ...models.records import User
from ..errors import EmailAlreadyVerified, EmailMismatch, VerificationEmailNotEnabled
from ..later import Later
from ..users.users import Users
from .mail import VerificationMail

SAME_TIME: Final = 0.5  # seconds that a stranger waits, whoever the address belongs to


class VerificationRequests:
    """A stranger learns nothing of an address, neither from the answer nor from its time."""

    def __init__(self, users: Users, mail: VerificationMail, later: Later) -> None:
        self._users = users
        self._mail = mail
        self._later = later

    def refuse_disabled(self) -> None:
        """Raises VerificationEmailNotEnabled where this server sends no such mail."""
        if not self._mail.is_enabled:
            raise VerificationEmailNotEnabled

    async def send(self, email: str, caller: User | None, callback_url: str, now: datetime) -> None:
        """Mail the link, for whoever calls. Raises EmailMismatch, EmailAlreadyVerified."""
        if caller is None:
            await self._by_stranger(email, callback_url, now)
        else:
            self._by_user(caller, email, callback_url, now)

    async def _by_stranger(self, email: str, callback_url: str, now: datetime) -> None:
        """Mail the link if somebody has this address and has not proven it."""
        start = time.monotonic()
        try:
            user = await self._users.by_email(email.lower())
        finally:
            await asyncio.sleep(max(0.0, start + SAME_TIME - time.monotonic()))
        if user is not None and not user.email_verified:
            self._later.do(self._send(user, callback_url, now))

    async def _send(self, user: User, callback_url: str, now: datetime) -> None:
        """After the answer."""
        self._mail.send(user, callback_url, now)

    def _by_user(self, user: User, email: str, callback_url: str, now: datetime) -> None:
        if user.email.lower() != email.lower():
            raise EmailMismatch
        if user.email_verified:
            raise EmailAlreadyVerified
        self._mail.send(user, callback_url, now)
