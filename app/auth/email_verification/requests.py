"""Requests another link (`sendVerificationEmail`, Better Auth 1.7.25)."""

from datetime import datetime
from typing import Final

from ...models.records import User
from ..background_tasks import BackgroundTasks
from ..equal_time import take_at_least
from ..errors import EmailAlreadyVerified, EmailMismatch, VerificationEmailNotEnabled
from ..users.users import Users
from .mail import VerificationMail

SAME_TIME: Final = 0.5  # seconds of a response, the same for every address


class VerificationRequests:
    """Mails links. Response and time do not reveal whether an address exists."""

    def __init__(self, users: Users, mail: VerificationMail, background: BackgroundTasks) -> None:
        self._users = users
        self._mail = mail
        self._background = background

    def refuse_disabled(self) -> None:
        """Raises VerificationEmailNotEnabled if this server sends no such mail."""
        if not self._mail.is_enabled:
            raise VerificationEmailNotEnabled

    async def send(self, email: str, caller: User | None, callback_url: str, now: datetime) -> None:
        """Mails the link, for any caller. Raises EmailMismatch, EmailAlreadyVerified."""
        if caller is None:
            await self._send_to_address(email, callback_url, now)
        else:
            self._send_to_caller(caller, email, callback_url, now)

    async def _send_to_address(self, email: str, callback_url: str, now: datetime) -> None:
        """Mails the link if an account has this address and it is not verified."""
        async with take_at_least(SAME_TIME):
            user = await self._users.find_by_email(email.lower())
        if user is not None and not user.email_verified:
            self._background.start(self._send(user, callback_url, now))

    async def _send(self, user: User, callback_url: str, now: datetime) -> None:
        """Sends the mail after the response."""
        self._mail.send(user, callback_url, now)

    def _send_to_caller(self, user: User, email: str, callback_url: str, now: datetime) -> None:
        if user.email.lower() != email.lower():
            raise EmailMismatch
        if user.email_verified:
            raise EmailAlreadyVerified
        self._mail.send(user, callback_url, now)
