"""Requests for a password reset, by mail."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from ...mail.auth_emails import AuthEmails
from ...mail.links import Links
from ...models.identifiers import generate_id
from ...models.records import User
from ...settings.options import EmailAndPasswordOptions
from ..audit.events import Event
from ..background_tasks import BackgroundTasks
from ..equal_time import take_at_least
from ..errors import ResetPasswordDisabled
from ..users.users import Users
from ..verifications.database import Verifications

SAME_TIME: Final = 0.25  # seconds that a request takes at least, account or not
_LENGTH: Final = 24  # of a token


class ResetDelivery(Struct, frozen=True):
    """The mailer, if there is one, and when mails are written."""

    auth_emails: AuthEmails | None
    background: BackgroundTasks


class ResetRequests:
    """Mails reset links. The response does not reveal who has an account."""

    def __init__(
        self,
        options: EmailAndPasswordOptions,
        users: Users,
        verifications: Verifications,
        links: Links,
        outgoing: ResetDelivery,
    ) -> None:
        self._age = timedelta(seconds=options.reset_password_token_expires_in)
        self._users = users
        self._verifications = verifications
        self._links = links
        self._auth_emails = outgoing.auth_emails
        self._background = outgoing.background

    async def ask(self, email: str, redirect_to: str | None, now: datetime) -> None:
        """Mails a link to the owner of this address, if there is one.

        Raises ResetPasswordDisabled if no mails are sent.
        """
        if self._auth_emails is None:
            raise ResetPasswordDisabled
        async with take_at_least(SAME_TIME):
            user = await self._users.find_by_email(email.lower())
        if user is not None:
            self._background.start(self._send_link(user, self._auth_emails, redirect_to, now))

    async def send(self, user: User, redirect_to: str | None, now: datetime) -> None:
        """Mails a link to this user. Raises ResetPasswordDisabled if no mails are sent."""
        if self._auth_emails is None:
            raise ResetPasswordDisabled
        await self._send_link(user, self._auth_emails, redirect_to, now)

    async def _send_link(
        self, user: User, auth_emails: AuthEmails, redirect_to: str | None, now: datetime
    ) -> None:
        """Writes and mails the link. For `ask` after the response, so the time reveals nothing."""
        token = generate_id(_LENGTH)
        await self._verifications.put(make_identifier(token), user.id, now + self._age, now)
        self._users.audit.report(Event("reset_requested", user.id))
        auth_emails.send_reset_password(user, self._links.build_reset_password(token, redirect_to))


def make_identifier(token: str) -> str:
    """Returns the identifier of a token's verification."""
    return f"reset-password:{token}"
